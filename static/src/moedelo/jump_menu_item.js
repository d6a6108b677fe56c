// SPDX-License-Identifier: LGPL-3.0-only
/** The quick jump in the user menu: only where licence, package and connection allow it. */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { session } from "@web/session";

export function jumpItem(env) {
    const service = () => (session.moedelo_jump || {})[user.activeCompany?.id];
    return {
        type: "item",
        id: "moedelo_jump",
        description: _t("Open %s", service() || ""),
        show: () => Boolean(service()),
        callback: async () => {
            const action = await env.services.orm.call(
                "moedelo.subscription",
                "action_jump_now",
                [],
                { context: user.context }
            );
            env.services.action.doAction(action);
        },
        sequence: 15,
    };
}

registry.category("user_menuitems").add("moedelo_jump", jumpItem);
