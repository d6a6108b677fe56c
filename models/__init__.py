from .connection import bank_vault
from .connection import res_config_settings
from .connection import bank_call
from .connection import bank_certificate
from .connection import bank_certificate_authority
from .connection import bank_certificate_card
from .connection import bank_operator
from .connection import bank_session
from .connection import bank_session_login
from .connection import res_users
from .connection import res_bank
from .connection import res_partner
from .connection import res_partner_bank
from .connection import bank_connection_test
from .connection import bank_feed
from .connection import account_journal
from .statements import bank_document
from .statements import account_bank_statement
from .statements import statement_import
from .statements import statement_known
from .orders import bank_order
from .orders import account_journal as orders_account_journal
from .orders import bank_calendar
from .orders import bank_order_receipt
from .statements import bank_order_entry
from .orders import bank_order_prepare
from .orders import bank_order_checks
from .orders import account_payment_kind
from .orders import bank_package
from .orders import bank_package_approval
from .orders import bank_package_sign
from .orders import bank_package_send
from .orders import bank_package_status
from .orders import bank_package_file
from .orders import bank_white_list
from .orders import account_payment
from .orders import account_move
from .demo import bank_demo
from .demo import bank_demo_rouble
from .demo import bank_demo_statements

# Roubles: form 0401060
from .roubles import bank_rouble_form
from .roubles import bank_order_rouble
from .roubles import account_payment_rouble

# Moe Delo: licence, packages, token endpoints
from .access import moedelo_key
from .access import moedelo_licence
from .access import told_cards as moedelo_res_partner
from .access import moedelo_subscription
from .access import moedelo_client
from .access import moedelo_failure
from .access import moedelo_client_login
from .access import moedelo_audit
from .access import moedelo_grant
from .access import moedelo_token
from .access import moedelo_issue
from .access import moedelo_access
from .access import moedelo_settings
from .access import ir_ui_menu as moedelo_menu
from .moedelo import moedelo_order
from .moedelo import moedelo_notice
from .moedelo import moedelo_outbox
from .moedelo import moedelo_notice_delivery
from .moedelo import moedelo_order_import
from .moedelo import moedelo_order_accept
from .moedelo import moedelo_tax_event
from .moedelo import moedelo_tax_calendar
from .access import moedelo_jump
from .access import ir_http

# Statements into the books
from .statements import statement_days
from .statements import statement_partner
from .fetching import account_journal_gaps as statement_gaps
from .statements import statement_lines
from .statements import statement_lines_check
from .statements import statement_lines_fast
from .statements import bank_operation_rule
from .statements import statement_upload
from .statements import statement_proposal
from .fetching import account_journal_fetch as bank_feed_fetch
from .fetching import bank_order_confirmation
from .fetching import account_journal_schedule as bank_feed_schedule
from .fetching import bank_feed_unattended
from .fetching import bank_feed_progress
from .fetching import bank_feed_cron
from .desk import account_journal_card
from .desk import bank_setup
from .desk import bank_setup_steps

# Statements for a service
from .moedelo import moedelo_statement_request
from .moedelo import moedelo_statement_fetch
from .moedelo import moedelo_statement_content

# Confidential payments: after everything that they hide
from .confidential import confidential as bank_confidential

# Reports: after every stored flag that they read
from .desk import bank_order_report
