/** Tells the user what the bank said, wherever he is, and refreshes what he looks at. */
import { registry } from "@web/core/registry";

export const bankChangedService = {
    dependencies: ["bus_service", "notification", "action"],
    start(env, { bus_service, notification, action }) {
        bus_service.subscribe("bank_webservice.changed", ({ model, type, title, message }) => {
            notification.add(message, { type, title, sticky: type !== "success" });
            const controller = action.currentController;
            // Only screens of our own are refreshed: nobody loses what he is typing elsewhere.
            if (controller?.action?.res_model === model) {
                action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
            }
        });
        bus_service.start();
    },
};

registry.category("services").add("bank_webservice.changed", bankChangedService);
