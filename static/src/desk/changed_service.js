// SPDX-License-Identifier: LGPL-3.0-only
/** Tells the user what the bank said, wherever he is, and refreshes what he looks at. */
import { registry } from "@web/core/registry";
import { tellScreens } from "./fresh_data";

const PACKAGES = "bank.package";
// How often the bank is asked while the sender holds the phone.
const ASK_MS = 3000;

export const bankChangedService = {
    dependencies: ["bus_service", "notification", "action", "orm"],
    start(env, { bus_service, notification, action, orm }) {
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

        bus_service.subscribe("bank_webservice.changed", ({ model, type, title, message }) => {
            notification.add(message, { type, title, sticky: type !== "success" });
            tellScreens(env, [model]);
            if (model === PACKAGES) {
                askWhileWaiting();
            }
        });
        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", () => {
            if (action.currentController?.action?.res_model === PACKAGES) {
                askWhileWaiting();
            }
        });
        bus_service.start();
    },
};

registry.category("services").add("bank_webservice.changed", bankChangedService);
