"""The guide of the first set-up: bank, account, operator, test, first fetch.

Each step writes real records, and where the guide stands is read from them: it can be left at any
time, resumed by anybody with the rights, and it sees what was done elsewhere.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import whitelist
from ..connection.account_journal import FEED
from ..connection.bank_operator import METHODS
from ..connection.operation import bank_operation
from ..connection.res_bank import CHANNELS
from ..orders.white_list_answer import ADDRESS as WHITE_LIST

STEPS = [
    ("bank", "Bank"),
    ("account", "Account"),
    ("operator", "Access"),
    ("test", "Test"),
    ("fetch", "First fetch"),
    ("done", "Done"),
]
NAMES = [name for name, _label in STEPS]
FIRST_FETCH = timedelta(days=30)


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
    is_mine = fields.Boolean(compute="_compute_is_mine")

    has_session = fields.Boolean(compute="_compute_channel_wants")
    wants_identity = fields.Boolean(compute="_compute_channel_wants")
    has_agreement = fields.Boolean(compute="_compute_channel_wants")
    identity_status = fields.Char("The bank knows your company", compute="_compute_identity_status")

    test_result = fields.Html(readonly=True)
    fetch_result = fields.Text(readonly=True)

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
            guide.has_agreement = draft.has_agreement

    @api.depends("bank_id", "company_id")
    def _compute_identity_status(self):
        for guide in self:
            guide.identity_status = guide._identity_problem() or self.env._("Complete")

    def _identity_problem(self):
        """What is missing before the bank knows the company, in words; empty for banks that ask
        for nothing."""
        bank = self.bank_id.sudo()
        return self.env["bank.identity"]._of(bank, self.company_id)._problem(bank)

    @api.depends("bank_id", "journal_id", "user_id")
    def _compute_reached(self):
        for guide in self:
            guide.reached = guide._first_undone()

    def _first_undone(self):
        """The first step that what exists does not cover."""
        self.ensure_one()
        bank, journal = self.bank_id.sudo(), self.journal_id.sudo()
        account = journal.bank_account_id
        operators = bank.operator_ids.filtered(lambda one: one.user_id == self.user_id)
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
        following = NAMES[min(NAMES.index(self.step) + 1, len(NAMES) - 1)]
        reached = self._first_undone()
        self.sudo().step = min(following, reached, key=NAMES.index)

    def _missing(self, *names):
        """UserError that names the empty fields of this step."""
        labels = [self._fields[name]._description_string(self.env) for name in names
                  if not self[name]]  # fmt: skip
        if labels:
            raise UserError(self.env._("Still missing: %s.", ", ".join(labels)))

    # -------------------------------------------------------------------------
    # KEEPING
    # -------------------------------------------------------------------------

    def _keep_bank(self):
        self._missing("bank_id", "bank_channel", "webservice_address")
        self._write_changed(
            self.bank_id,
            bank_channel=self.bank_channel,
            webservice_address=self.webservice_address.strip(),
        )

    def _keep_account(self):
        by_file = self.has_agreement and self.agreement_file
        self._missing("acc_number", *([] if by_file else ["client_identifier"]))
        account = self._own_account()
        identifier = (self.client_identifier or "").strip()
        self._write_changed(account, client_identifier=identifier or account.client_identifier)
        if by_file:
            account._take_agreement_file(self.agreement_file)
            self.write({"agreement_file": False, "client_identifier": account.client_identifier})
        if not self.journal_id:
            self.journal_id = self.env["account.journal"].create(self._prepare_journal_vals())
        self._write_changed(
            self.journal_id, bank_account_id=account.id, bank_statements_source=FEED
        )
        if self.white_list_offered and self.ask_white_list:
            self.env["ir.config_parameter"].sudo().set_param(WHITE_LIST, whitelist.ADDRESS)

    def _own_account(self):
        """The company's account of that number at this bank; made where it is not there."""
        accounts = self.env["res.partner.bank"]
        values = {"acc_number": self.acc_number, "partner_id": self.company_id.partner_id.id}
        key = accounts._number_key(self.acc_number)
        own = accounts.search([("partner_id", "=", values["partner_id"])])
        account = own.filtered(lambda one: accounts._number_key(one.sanitized_acc_number) == key)
        account = account[:1] or accounts.create({**values, "bank_id": self.bank_id.id})
        self._write_changed(account, bank_id=self.bank_id.id)
        return account

    def _prepare_journal_vals(self):
        currency = self.currency_id
        own = currency == self.company_id.currency_id
        return {
            "name": f"{self.bank_id.name} {currency.name or ''}".strip(),
            "type": "bank",
            "company_id": self.company_id.id,
            "currency_id": False if own else currency.id,
        }

    def action_identity(self):
        """Button: the company as the bank knows it, where its certificate and values are kept."""
        self.ensure_one()
        identities = self.env["bank.identity"]
        values = {"bank_id": self.bank_id.id, "company_id": self.company_id.id}
        identity = identities._of(self.bank_id, self.company_id).with_env(self.env)
        return (identity or identities.create(values))._get_records_action()

    def _keep_operator(self):
        if problem := self._identity_problem():
            raise UserError(problem)
        if not self.has_session:
            return
        self._missing("user_id", "login")
        domain = [("bank_id", "=", self.bank_id.id), ("user_id", "=", self.user_id.id)]
        operator = self.env["bank.operator"].search(domain, limit=1)
        values = {"login": self.login.strip(), "default_method": self.default_method}
        if operator:
            self._write_changed(operator, **values)
        else:
            ids = {"bank_id": self.bank_id.id, "user_id": self.user_id.id}
            self.env["bank.operator"].create({**ids, **values})

    def _write_changed(self, record, **values):
        """Writes only what differs: a change at the bank's card asks for a new test."""
        kept = {name: record._fields[name].convert_to_write(record[name], record)
                for name in values}  # fmt: skip
        changed = {name: value for name, value in values.items() if kept[name] != value}
        if changed:
            record.write(changed)

    # -------------------------------------------------------------------------
    # TEST AND FIRST FETCH
    # -------------------------------------------------------------------------

    @bank_operation
    def action_test(self):
        """Button: *Test connection*; what works gets a tick, what does not its remedy."""
        self.ensure_one()
        result = self.journal_id.bank_account_id._run_connection_test()
        self.sudo().test_result = result.result
        if result.good:
            self._go_on()

    @bank_operation
    def action_fetch(self):
        """Button: the statements of the last month."""
        self.ensure_one()
        today = self.journal_id._bank_today()
        wizard = self.env["bank.fetch"].create(
            {
                "journal_id": self.journal_id.id,
                "date_from": today - FIRST_FETCH,
                "date_to": today,
            }
        )
        documents, results = wizard._fetch()
        self.sudo().fetch_result = wizard._result_text(documents, results)
        self._go_on()
