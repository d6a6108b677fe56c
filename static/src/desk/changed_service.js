// SPDX-License-Identifier: LGPL-3.0-only
/** Tells the user what the bank said, wherever he is, and refreshes what he looks at. */
import { registry } from "@web/core/registry";

// A screen that opened this soon after the message may have been read before it.
const RECENT_MS = 15000;
const PACKAGES = "bank.package";
// How often the bank is asked while the sender holds the phone.
const ASK_MS = 3000;

export const bankChangedService = {
    dependencies: ["bus_service", "notification", "action", "orm"],
    start(env, { bus_service, notification, action, orm }) {
        let missed = null;
        let asking = false;

        /** A package that waits for the phone turns by itself, not with the next cron. */
        const askWhileWaiting = async () => {
            if (asking) {
                return;
            }
            asking = true;
            try {
                while (await orm.silent.call("bank.package", "ask_waiting", [])) {
                    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
                }
            } catch {
                // Not to be disturbed: the cron asks all the same.
            } finally {
                asking = false;
            }
        };

        /** Only screens of our own are refreshed: nobody loses what he is typing elsewhere. */
        const refresh = (model) => {
            const shown = action.currentController?.action?.res_model === model;
            if (shown) {
                action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
            }
            return shown;
        };

        bus_service.subscribe("bank_webservice.changed", ({ model, type, title, message }) => {
            notification.add(message, { type, title, sticky: type !== "success" });
            missed = refresh(model) ? null : { model, at: Date.now() };
            if (model === PACKAGES) {
                askWhileWaiting();
            }
        });
        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", () => {
            if (action.currentController?.action?.res_model === PACKAGES) {
                askWhileWaiting();
            }
            if (missed && (Date.now() - missed.at > RECENT_MS || refresh(missed.model))) {
                missed = null;
            }
        });
        bus_service.start();
    },
};

registry.category("services").add("bank_webservice.changed", bankChangedService);
