// SPDX-License-Identifier: LGPL-3.0-only
import { rpc } from "@web/core/network/rpc";
import { user } from "@web/core/user";

/**
 * Closes the dialog and calls the operation that waited for it, with the user's own rights.
 *
 * By the services of the environment, not the component's own: those fall silent as soon as the
 * dialog is closed, and the answer of the operation would be lost.
 */
export async function resumeOperation(env, { model, ids, method }) {
    const { action } = env.services;
    await action.doAction({ type: "ir.actions.act_window_close" });
    // As a button calls it: what it answers is made ready for the action service.
    const route = `/web/dataset/call_button/${model}/${method}`;
    // The user's language and chosen companies, as every button sends them.
    const kwargs = { context: user.context };
    const next = method && (await rpc(route, { model, method, args: [ids], kwargs }));
    if (next?.type) {
        await action.doAction(next);
    } else {
        await action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
    }
}
