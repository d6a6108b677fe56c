// SPDX-License-Identifier: LGPL-3.0-only
/** Errors that name a setting: the dialog has a button that opens it (models/connection/words.py). */
import { RedirectWarningDialog } from "@web/core/errors/error_dialogs";
import { registry } from "@web/core/registry";

class WayOutDialog extends RedirectWarningDialog {
    setup() {
        super.setup();
        const { action, button } = this.props.data.context;
        Object.assign(this, { actionId: action, buttonText: button });
    }
}

registry
    .category("error_dialogs")
    .add("odoo.addons.bank_webservice.models.connection.words.WayOut", WayOutDialog);
