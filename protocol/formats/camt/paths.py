# SPDX-License-Identifier: LGPL-3.0-only
"""The grammar of camt entries as data: element path -> key in the details of an entry."""

#: leaves of `Ntry` itself, `NtryDtls/TxDtls` left out
ENTRY = {
    "NtryRef": "entry_reference",
    "Amt": "entry_amount",
    "AcctSvcrRef": "entry_bank_reference",
    "RvslInd": "reversal",
    "AddtlNtryInf": "booking_text",
    "BkTxCd/Prtry/Cd": "bank_code",
    "BkTxCd/Prtry/Issr": "bank_code_issuer",
    "BkTxCd/Domn/Cd": "code_domain",
    "BkTxCd/Domn/Fmly/Cd": "code_family",
    "BkTxCd/Domn/Fmly/SubFmlyCd": "code_sub_family",
    "NtryDtls/Btch/MsgId": "batch_message_id",
    "NtryDtls/Btch/PmtInfId": "batch_id",
    "NtryDtls/Btch/NbOfTxs": "batch_count",
    "AmtDtls/InstdAmt/Amt": "original_amount",
    "AmtDtls/InstdAmt/CcyXchg/XchgRate": "exchange_rate",
    "AmtDtls/TxAmt/CcyXchg/XchgRate": "exchange_rate",
    "AmtDtls/CntrValAmt/CcyXchg/XchgRate": "exchange_rate",
    "AmtDtls/TxAmt/Amt": "transaction_amount",
    "AmtDtls/CntrValAmt/Amt": "countervalue_amount",
    "Chrgs/TtlChrgsAndTaxAmt": "fee_amount",
    "Chrgs/Amt": "fee_amount",
    "Chrgs/Rcrd/Amt": "fee_amount",
    "Chrgs/Br": "charges",
    "Chrgs/Rcrd/Br": "charges",
}

#: leaves of one `TxDtls`
TRANSACTION = {
    "Refs/MsgId": "message_id",
    "Refs/AcctSvcrRef": "bank_reference",
    "Refs/PmtInfId": "payment_information_id",
    "Refs/InstrId": "instruction_id",
    "Refs/EndToEndId": "end_to_end_id",
    "Refs/UETR": "uetr",
    "Refs/TxId": "transaction_id",
    "Refs/MndtId": "mandate_id",
    "Refs/ChqNb": "cheque_number",
    "Refs/ClrSysRef": "clearing_reference",
    "Refs/Prtry/Ref": "proprietary_reference",
    "Amt": "transaction_amount",
    "AmtDtls/InstdAmt/Amt": "original_amount",
    "AmtDtls/InstdAmt/CcyXchg/XchgRate": "exchange_rate",
    "AmtDtls/TxAmt/CcyXchg/XchgRate": "exchange_rate",
    "AmtDtls/CntrValAmt/CcyXchg/XchgRate": "exchange_rate",
    "AmtDtls/TxAmt/Amt": "transaction_amount",
    "AmtDtls/CntrValAmt/Amt": "countervalue_amount",
    "Chrgs/TtlChrgsAndTaxAmt": "fee_amount",
    "Chrgs/Amt": "fee_amount",
    "Chrgs/Rcrd/Amt": "fee_amount",
    "Chrgs/Br": "charges",
    "Chrgs/Rcrd/Br": "charges",
    "BkTxCd/Prtry/Cd": "bank_code",
    "BkTxCd/Prtry/Issr": "bank_code_issuer",
    "BkTxCd/Domn/Cd": "code_domain",
    "BkTxCd/Domn/Fmly/Cd": "code_family",
    "BkTxCd/Domn/Fmly/SubFmlyCd": "code_sub_family",
    "RmtInf/Ustrd": "title",
    "RmtInf/Strd/CdtrRefInf/Ref": "structured_reference",
    "RmtInf/Strd/RfrdDocInf/Nb": "invoice_number",
    "RmtInf/Strd/AddtlRmtInf": "remittance_text",
    "AddtlTxInf": "transaction_text",
    "Purp/Cd": "purpose_code",
    "Purp/Prtry": "purpose_code",
    "RtrInf/Rsn/Cd": "return_code",
    "RtrInf/Rsn/Prtry": "return_code",
    "RtrInf/AddtlInf": "return_reason",
    "RltdDts/AccptncDtTm": "accepted_at",
    "RltdDts/IntrBkSttlmDt": "settled_on",
    "Tax/Cdtr/TaxId": "payee_tax_id",
    "Tax/Dbtr/TaxId": "payer_tax_id",
}

#: said by fields of `Entry`, or by nothing that anybody needs
IGNORED = frozenset(
    {
        "Sts", "Sts/Cd", "CdtDbtInd", "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm",
        "AmtDtls/InstdAmt/CcyXchg/SrcCcy", "AmtDtls/TxAmt/CcyXchg/SrcCcy",
    }
)  # fmt: skip

#: role below `RltdPties` or `RltdAgts` -> (prefix of the key, kind of thing it is)
SIDES = {
    "Dbtr": ("payer", "party"),
    "Cdtr": ("payee", "party"),
    "UltmtDbtr": ("ultimate_payer", "party"),
    "UltmtCdtr": ("ultimate_payee", "party"),
    "InitgPty": ("initiator", "party"),
    "DbtrAcct": ("payer", "account"),
    "CdtrAcct": ("payee", "account"),
    "DbtrAgt": ("payer", "agent"),
    "CdtrAgt": ("payee", "agent"),
}

_ADDRESS = ("AdrLine", "StrtNm", "BldgNb", "PstCd", "TwnNm", "TwnLctnNm", "CtrySubDvsn", "Ctry")

#: (kind, rest of the path) -> end of the key
PARTY = {
    ("party", "Nm"): "name",
    **{("party", f"PstlAdr/{part}"): "address" for part in _ADDRESS},
    ("party", "Id/OrgId/Othr/Id"): "tax_id",
    ("party", "Id/PrvtId/Othr/Id"): "personal_id",
    ("party", "Id/OrgId/BICOrBEI"): "bic",
    ("party", "Id/OrgId/AnyBIC"): "bic",
    ("account", "Id/IBAN"): "account",
    ("account", "Id/Othr/Id"): "account",
    ("account", "Nm"): "account_name",
    ("agent", "BIC"): "bank_bic",
    ("agent", "BICFI"): "bank_bic",
    ("agent", "Nm"): "bank_name",
    ("agent", "ClrSysMmbId/MmbId"): "bank_code",
    ("agent", "Othr/Id"): "bank_code",
}
