/** The calendar of taxes with its button: ask the service now. */
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
    }

    async pull() {
        await this.orm.call("moedelo.tax.event", "action_pull", [[]], { context: user.context });
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
