// SPDX-License-Identifier: LGPL-3.0-only
/** The dialog *Register the certificate of your card*: reads the card, the person chooses. */
import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { SignerPanel } from "./signer_panel";

export class RegisterCardDialog extends Component {
    static template = "bank_webservice.RegisterCardDialog";
    static components = { SignerPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ certificates: null, message: "" });
        this.job = { route: "/v2/certificates" };
    }

    take({ certificates }) {
        this.state.certificates = certificates;
    }

    async choose(certificate) {
        this.state.message = "";
        try {
            const next = await this.orm.call("bank.certificate", "register_card", [
                certificate.certificate,
                certificate.issuers || [],
            ]);
            await this.action.doAction({ type: "ir.actions.act_window_close" });
            await this.action.doAction(next);
        } catch (error) {
            this.state.message = error.data?.message || error.message;
        }
    }

    day(instant) {
        return instant.slice(0, 10);
    }

    async cancel() {
        await this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("bank_webservice.register_card", RegisterCardDialog);
