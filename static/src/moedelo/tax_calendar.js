// SPDX-License-Identifier: LGPL-3.0-only
/** The calendar of taxes: says when it is old, and asks the service now. */
import { onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { CalendarController } from "@web/views/calendar/calendar_controller";
import { calendarView } from "@web/views/calendar/calendar_view";

export class TaxCalendarController extends CalendarController {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.actions = useService("action");
        this.old = useState({ words: "" });
        onWillStart(async () => {
            this.old.words = await this.call("stale_words", []);
        });
    }

    call(method, args) {
        return this.orm.call("moedelo.tax.event", method, args, { context: user.context });
    }

    async pull() {
        await this.call("action_pull", [[]]);
        // Opened anew: its name says when the service last answered.
        await this.actions.doAction("bank_webservice.moedelo_calendar_open", {
            clearBreadcrumbs: true,
        });
    }
}

registry.category("views").add("moedelo_tax_calendar", {
    ...calendarView,
    Controller: TaxCalendarController,
    buttonTemplate: "bank_webservice.TaxCalendarButtons",
});
