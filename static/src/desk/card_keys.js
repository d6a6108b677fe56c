// SPDX-License-Identifier: LGPL-3.0-only
/**
 * Odoo's kanban takes Enter and Space for itself, wherever in a card they are pressed. On a journal's
 * card of ours a button that has the focus is to be pressed by them, as everywhere else.
 */
const PRESSED = ".o_kanban_record:has(.o_bank_card) :is(button, a[href])";

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
