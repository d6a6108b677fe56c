# SPDX-License-Identifier: LGPL-3.0-only
def test_admin_logs_in_and_sees_the_icons(log_in, stack):
    page = log_in()
    assert page.url.startswith(f"{stack.odoo.url}/odoo")
    # Odoo's icons are a font of its own; a missing file would leave empty squares.
    assert page.evaluate("document.fonts.load('16px FontAwesome').then(found => found.length)")
