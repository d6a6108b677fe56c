// SPDX-License-Identifier: LGPL-3.0-only
/**
 * Odoo's kanban takes Enter and Space for itself, wherever in a card they are pressed, and its list
 * opens the record by Enter, also when one of the row's buttons has the focus. On a journal's card of
 * ours and in our entries a button that has the focus is to be pressed by them, as everywhere else.
 */
const PRESSED =
    ".o_kanban_record:has(.o_bank_card) :is(button, a[href]), .o_bank_entries .o_data_row button";

window.addEventListener(
    "keydown",
    (event) => {
        const at = event.target.closest?.(PRESSED);
        if (at && (event.key === "Enter" || (event.key === " " && at.tagName === "BUTTON"))) {
            event.stopPropagation(); // the browser itself presses it
        }
    },
    { capture: true }
);
