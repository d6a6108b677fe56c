# SPDX-License-Identifier: LGPL-3.0-only
"""The guide of the first set-up: bank, account, operator, test, first fetch.

Each step writes real records, and where the guide stands is read from them: it can be left at any
time, resumed by anybody with the rights, and it sees what was done elsewhere.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol.checks.account_number import problem_of as number_problem
from ..connection.account_journal import FEED
from ..connection.bank_operator import METHODS
from ..connection.res_bank import CHANNELS
from ..connection.words import translated

STEPS = [
    ("bank", "Bank"),
    ("account", "Account"),
    ("operator", "Access"),
    ("test", "Test"),
    ("fetch", "First fetch"),
    ("done", "Done"),
]
NAMES = [name for name, _label in STEPS]


class BankSetup(models.Model):
    _name = "bank.setup"
    _description = "Set-up of a bank's web service"
    _order = "id desc"
    _rec_name = "bank_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    step = fields.Selection(STEPS, required=True, default="bank")
    reached = fields.Selection(STEPS, compute="_compute_reached")

    bank_id = fields.Many2one("res.bank")
    bank_channel = fields.Selection(
        CHANNELS, "Web service", compute="_compute_from_bank", store=True, readonly=False
    )
    webservice_address = fields.Char(
        "Address", compute="_compute_from_bank", store=True, readonly=False
    )

    journal_id = fields.Many2one("account.journal", check_company=True, ondelete="set null")
    acc_number = fields.Char(
        "Account number", compute="_compute_from_journal", store=True, readonly=False
    )
    acc_problem = fields.Char(compute="_compute_acc_problem")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_from_journal", store=True, readonly=False
    )
    client_identifier = fields.Char(
        compute="_compute_from_journal",
        store=True,
        readonly=False,
        help="What the bank calls your company in its web service; it stands in the agreement "
        "(mBank: DIK).",
    )

    white_list_offered = fields.Boolean(compute="_compute_white_list_offered")
    ask_white_list = fields.Boolean(
        "Look payees up on the white list",
        default=True,
        help="Tax id and account of payees in Poland are asked for at the Ministry of Finance "
        "before a payment is sent.",
    )
    agreement_file = fields.Binary(
        "Settings file of the bank",
        attachment=False,
        help="The XML file with the exchange settings, where the bank gave one: it names the "
        "client identifier too.",
    )
    agreement_words = fields.Text(related="journal_id.bank_account_id.agreement_words")

    user_id = fields.Many2one("res.users", "User of Odoo", default=lambda self: self.env.user)
    login = fields.Char("Bank login", help="The login that the bank gave to this person.")
    default_method = fields.Selection(METHODS, "Default log-in", default="mobile")
    password = fields.Char(
        store=False,
        compute="_compute_password",
        inverse="_inverse_password",
        help="It is kept encrypted and never shown again. Empty: the one that was entered before.",
    )
    # until the operator is there
    password_sealed = fields.Char(copy=False, groups=fields.NO_ACCESS)
    is_mine = fields.Boolean(compute="_compute_is_mine")

    has_session = fields.Boolean(compute="_compute_channel_wants")
    wants_password = fields.Boolean("Logs in with a password", compute="_compute_channel_wants")
    wants_identity = fields.Boolean(compute="_compute_channel_wants")
    has_agreement = fields.Boolean(compute="_compute_channel_wants")
    identity_status = fields.Char("The bank knows your company", compute="_compute_identity_status")

    test_result = fields.Html(readonly=True)
    fetch_result = fields.Text(readonly=True)
    fetch_runs = fields.Boolean(compute="_compute_fetch_runs")
    fetch_by_itself = fields.Boolean(
        "From then on by itself, every two hours",
        default=True,
        help="As far as the operator is logged in, or has a certificate on this server. The "
        "journal's settings change it.",
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    @api.depends("bank_id")
    def _compute_from_bank(self):
        for guide in self:
            bank = guide.bank_id
            guide.bank_channel = bank.bank_channel or guide.bank_channel
            guide.webservice_address = bank.webservice_address or guide.webservice_address

    @api.depends("journal_id")
    def _compute_from_journal(self):
        for guide in self:
            account, journal = guide.journal_id.bank_account_id, guide.journal_id
            guide.acc_number = account.acc_number or guide.acc_number
            guide.client_identifier = account.sudo().client_identifier or guide.client_identifier
            guide.currency_id = journal.currency_id or guide.company_id.currency_id

    @api.depends("acc_number", "bank_id", "company_id")
    @api.depends_context("lang")
    def _compute_acc_problem(self):
        """What is wrong with the number, said while it is typed."""
        for guide in self:
            bank = guide.bank_id
            country = "RU" if bank.bank_bik else (bank.country or guide.company_id.country_id).code
            problem = number_problem(guide.acc_number or "", country or "", bank.bank_bik or "")
            guide.acc_problem = translated(self.env, problem) or False

    @api.depends("company_id", "webservice_address")
    def _compute_white_list_offered(self):
        """To companies in Poland that do not ask it yet. A pretend bank, without TLS, has no real
        payees to ask for."""
        asked = self.env["bank.white.list"]._address()
        for guide in self:
            in_poland = guide.company_id.country_id.code == "PL"
            real = (guide.webservice_address or "").startswith("https://")
            guide.white_list_offered = in_poland and real and not asked

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for guide in self:
            guide.is_mine = guide.user_id == self.env.user

    @api.depends("bank_channel")
    def _compute_channel_wants(self):
        for guide in self:
            draft = self.env["res.bank"].new({"bank_channel": guide.bank_channel})
            guide.has_session, guide.wants_identity = draft.has_session, draft.wants_identity
            guide.has_agreement, guide.wants_password = draft.has_agreement, draft.wants_password

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        for guide in self.filtered("password"):
            guide.env["bank.vault"]._seal_typed(guide, "password_sealed", guide.password)

    @api.depends("bank_id", "company_id")
    def _compute_identity_status(self):
        for guide in self:
            guide.identity_status = guide._identity_problem() or self.env._("Complete")

    def _identity_problem(self):
        """What is missing before the bank knows the company, in words; empty for banks that ask
        for nothing."""
        bank = self.bank_id.sudo()
        return self.env["bank.identity"]._of(bank, self.company_id)._problem(bank)

    @api.depends("journal_id")
    def _compute_fetch_runs(self):
        for guide in self:
            guide.fetch_runs = guide.journal_id.sudo().bank_feed_ids.run_user_id

    @api.depends("bank_id", "journal_id", "user_id")
    def _compute_reached(self):
        for guide in self:
            guide.reached = guide._first_undone()

    def _first_undone(self):
        """The first step that what exists does not cover."""
        self.ensure_one()
        bank, journal = self.bank_id.sudo(), self.journal_id.sudo()
        account = journal.bank_account_id
        operators = bank.operator_ids.filtered(
            lambda one: one.user_id == self.user_id and not self._lacks_password(one)
        )
        done = {
            "bank": bank.bank_channel and bank.webservice_address,
            "account": journal.bank_statements_source == FEED
            and account.client_identifier
            and account.bank_id == bank,
            "operator": (operators or not bank.has_session) and not self._identity_problem(),
            "test": account and account._is_tested(),
            "fetch": journal.bank_feed_ids.fetched_until,
        }
        return next((name for name in NAMES if not done.get(name)), "done")

    def _lacks_password(self, operator):
        """Only a log-in by certificate goes without, at a bank that has passwords."""
        wanted = operator.bank_id.wants_password and operator.default_method != "certificate"
        return wanted and not operator.has_password

    # -------------------------------------------------------------------------
    # OPENING
    # -------------------------------------------------------------------------

    @api.model
    def action_open_guide(self):
        """Menu, and link on a journal's card: the guide that was left, at its first open step;
        else a new one."""
        journal = self.env.context.get("default_journal_id")
        guides = self.search([("company_id", "=", self.env.company.id)])
        guides = guides.filtered(lambda guide: guide.reached != "done")
        if journal:
            guides = guides.filtered(lambda guide: guide.journal_id.id in (journal, False))
        left = guides[:1]
        if left:
            left.sudo().step = left.reached
            if journal and not left.journal_id and left.has_access("write"):
                left.journal_id = journal
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set up a bank"),
            "res_model": self._name,
            "res_id": left.id,
            "view_mode": "form",
            "context": {"default_journal_id": journal} if journal else {},
        }

    # -------------------------------------------------------------------------
    # MOVING
    # -------------------------------------------------------------------------

    def write(self, vals):
        """A step can be chosen in the bar, but none that what exists has not reached."""
        result = super().write(vals)
        if "step" in vals:
            for guide in self:
                reached = guide._first_undone()
                if NAMES.index(guide.step) > NAMES.index(reached):
                    super(BankSetup, guide).write({"step": reached})
        return result

    def action_back(self):
        self.ensure_one()
        self.step = NAMES[max(NAMES.index(self.step) - 1, 0)]

    def action_next(self):
        """Button: keep this step in the records themselves, and go to the next one."""
        self.ensure_one()
        keep = {"bank": self._keep_bank, "account": self._keep_account,
                "operator": self._keep_operator}  # fmt: skip
        if self.step in keep:
            keep[self.step]()
        self._go_on()

    def _go_on(self):
        """The next step; the last ones only once they are done."""
        self.sudo().step = NAMES[min(NAMES.index(self.step) + 1, len(NAMES) - 1)]

    def _missing(self, *names):
        """UserError that names the empty fields of this step."""
        labels = [self._fields[name]._description_string(self.env) for name in names
                  if not self[name]]  # fmt: skip
        if labels:
            raise UserError(self.env._("Still missing: %s.", ", ".join(labels)))
