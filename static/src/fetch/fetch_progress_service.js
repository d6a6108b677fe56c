// SPDX-License-Identifier: LGPL-3.0-only
/** Shows what the background fetches: the day, the lines, a way to stop it. One notice a journal. */
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { tellScreens } from "../desk/fresh_data";

const TYPE = "bank_webservice.fetch_progress";
const SCREENS = ["account.journal", "account.bank.statement.line", "bank.setup"];

export const fetchProgressService = {
    dependencies: ["bus_service", "notification", "orm"],
    start(env, { bus_service, notification, orm }) {
        const shown = new Map();

        function close(feedId) {
            shown.get(feedId)?.();
            shown.delete(feedId);
        }

        /** As the user writes days; of a document without a day its name. */
        const inWords = (day) => formatDate(deserializeDate(day));

        function words({ day, name, made, count, until }) {
            if (count) {
                return _t("%(made)s of %(count)s entries of this document", { made, count });
            }
            if (!day) {
                return name || "";
            }
            return until && until !== day
                ? _t("%(day)s, until %(until)s", { day: inWords(day), until: inWords(until) })
                : inWords(day);
        }

        function finish({ journal, problem, left }) {
            const stopped = left && _t("Stopped. The days from %s on were not fetched.", inWords(left));
            notification.add(problem || stopped || _t("All statements were fetched."), {
                title: journal,
                type: problem || stopped ? "warning" : "success",
                sticky: Boolean(problem || stopped),
            });
            tellScreens(env, SCREENS);
        }

        bus_service.subscribe(TYPE, (message) => {
            close(message.feed_id);
            if (message.done) {
                return finish(message);
            }
            const stop = {
                name: _t("Stop"),
                onClick: async () => {
                    close(message.feed_id);
                    await orm.call("bank.feed", "action_stop", [[message.feed_id]]);
                },
            };
            const options = { title: message.journal, sticky: true, buttons: [stop], className: "o_bank_notice" };
            shown.set(message.feed_id, notification.add(words(message), options));
        });
        bus_service.start();
    },
};

registry.category("services").add("bank_webservice.fetch_progress", fetchProgressService);
