// SPDX-License-Identifier: LGPL-3.0-only
/** The list of payments says how many imported orders wait to become payments, and leads there. */
import { onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

export class PaymentListController extends ListController {
    setup() {
        super.setup();
        this.importedAction = useService("action");
        this.imported = useState({ count: 0 });
        const orm = useService("orm");
        onWillStart(async () => {
            if (!this.env.inDialog && this.props.context.default_payment_type !== "inbound") {
                this.imported.count = await orm.call(
                    "account.payment",
                    "imported_orders_waiting",
                    [],
                    { context: this.props.context }
                );
            }
        });
    }

    openImported() {
        return this.importedAction.doAction("bank_webservice.action_moedelo_order");
    }
}

registry.category("views").add("bank_payment_list", {
    ...listView,
    Controller: PaymentListController,
    buttonTemplate: "bank_webservice.PaymentListButtons",
});
