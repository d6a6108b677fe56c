// SPDX-License-Identifier: LGPL-3.0-only
/** The dialog *Sign with your card* of packages: bank by bank, then it goes on by itself. */
import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { resumeOperation } from "../confirm/resume";
import { SignerPanel } from "./signer_panel";

export class CardSignDialog extends Component {
    static template = "bank_webservice.CardSignDialog";
    static components = { SignerPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ requests: [], at: 0 });
        onWillStart(async () => {
            const { ids } = this.props.action.params;
            this.state.requests = await this.orm.call("bank.package", "card_request", [ids]);
        });
    }

    get request() {
        return this.state.requests[this.state.at];
    }

    get job() {
        const { bank, certificate, documents, form } = this.request;
        return { route: "/v2/sign-document", body: { bank, certificate, documents, form } };
    }

    async take(answer) {
        const signatures = answer.signatures.map(({ signature }) => signature);
        await this.orm.call("bank.package", "card_answer", [this.request.ids, signatures]);
        if (this.state.at + 1 < this.state.requests.length) {
            this.state.at += 1;
            return;
        }
        await resumeOperation(this.env, this.props.action.params.resume);
    }

    async cancel() {
        await this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("bank_webservice.card_sign", CardSignDialog);
