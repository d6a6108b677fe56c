// SPDX-License-Identifier: LGPL-3.0-only
/**
 * The screens of what changed at the bank read their data again. The screen itself stays, with its
 * dialogs, with what is chosen on it, and with what somebody is typing.
 */
import { FormController } from "@web/views/form/form_controller";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { ListController } from "@web/views/list/list_controller";
import { patch } from "@web/core/utils/patch";
import { useBus } from "@web/core/utils/hooks";
import { onMounted } from "@odoo/owl";

const CHANGED = "BANK_WEBSERVICE:CHANGED";
const changedAt = {}; // by model, in milliseconds

/** What is stored of these models changed just now. */
export function tellScreens(env, models) {
    for (const model of models) {
        changedAt[model] = Date.now();
    }
    env.bus.trigger(CHANGED, models);
}

/**
 * Only when nothing else is being read: a load takes the place of the one before it, which then never
 * ends. In the middle of the first one the screen would stay empty, in that of a search show the old.
 */
async function readAgain({ env, model }) {
    await model.whenReady;
    await Promise.allSettled([model.bankLoading]); // who asked for it is told what went wrong
    const { root } = model;
    if (root.isNew || root.editedRecord || root.selection?.length || (await root.isDirty?.())) {
        return;
    }
    await model.load();
    if (root.resId) {
        env.bus.trigger("MAIL:RELOAD-THREAD", { model: root.resModel, id: root.resId });
    }
}

for (const Controller of [FormController, KanbanController, ListController]) {
    patch(Controller.prototype, {
        setup() {
            super.setup();
            const { resModel } = this.props;
            const { load } = this.model;
            this.model.load = function (params) {
                return (this.bankLoading = load.call(this, params));
            };
            const opened = Date.now();
            useBus(this.env.bus, CHANGED, ({ detail: models }) => {
                if (models.includes(resModel)) {
                    readAgain(this);
                }
            });
            // Its data was perhaps read before the change, which it did not hear of.
            onMounted(() => {
                if (changedAt[resModel] >= opened) {
                    readAgain(this);
                }
            });
        },
    });
}
