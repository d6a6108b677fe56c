// SPDX-License-Identifier: LGPL-3.0-only
import { useEffect, useRef } from "@odoo/owl";

/**
 * Focuses what a dialog begins with (`o_bank_first` below the ref `root`: its field, its main button,
 * or its first words) whenever `what()` changes. Odoo's dialog would take the first button: Cancel.
 */
export function useFirstFocus(what) {
    const root = useRef("root");
    useEffect(() => root.el?.querySelector(".o_bank_first")?.focus(), what);
}
