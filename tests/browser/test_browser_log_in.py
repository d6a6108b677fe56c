# SPDX-License-Identifier: LGPL-3.0-only
def test_admin_logs_in_and_sees_the_icons(page, stack):
    page.goto("/web/login")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "admin")
    page.click("button[type=submit]")
    page.wait_for_selector(".o_main_navbar")
    assert page.url.startswith(f"{stack.odoo.url}/odoo")
    # Odoo's icons are a font of its own; a missing file would leave empty squares.
    assert page.evaluate("document.fonts.load('16px FontAwesome').then(found => found.length)")
