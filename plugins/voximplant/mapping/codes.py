"""Codes: Voximplant's closed sets of words in the schema's."""

from telegraphql.schema import CallStatus, PartyKind, ReportKind, TransactionKind, TranscriptionStatus

# SIP codes inside an end_reason; whatever else fails is FAILED.
STATUS = {
    486: CallStatus.BUSY,
    600: CallStatus.BUSY,
    487: CallStatus.CANCELED,
    408: CallStatus.NO_ANSWER,
    480: CallStatus.NO_ANSWER,
}

REMOTE = {
    "pstn": PartyKind.PSTN,
    "mobile": PartyKind.PSTN,
    "user": PartyKind.USER,
    "sip": PartyKind.SIP,
    "sip address": PartyKind.SIP,
}

TRANSCRIPTION = {
    "Not required": TranscriptionStatus.NOT_REQUESTED,
    "In progress": TranscriptionStatus.IN_PROGRESS,
    "Complete": TranscriptionStatus.COMPLETE,
}

# Both of the vendor's lists, the older one first seen with periodic_charge, add_money and subscription_cancel.
_TYPES = {
    TransactionKind.CHARGE: """periodic_charge resource_charge subscription_charge subscription_installation_charge mgp_charge mgp_startup
        mgp_business mgp_big_business mgp_enterprise mgp_large_enterprise techsupport_charge tax_charge monthly_fee_charge mau_charge
        mau_overrun im_charge im_overrun fmc_charge sip_registration_charge development_fee phone_number_installation phone_number_charge
        toll_free_phone_number_installation toll_free_phone_number_charge services""",
    TransactionKind.PAYMENT: """card_periodic_payment card_overrun_payment card_payment rub_card_periodic_payment rub_card_overrun_payment
        rub_card_payment robokassa_payment add_money wire_transfer us_wire_transfer paypal_payment paypal_overrun_payment
        paypal_periodic_payment""",
    TransactionKind.REFUND: "refund subscription_cancel",
    TransactionKind.ADJUSTMENT: "adjustment gift_revoke grace_credit_payment grace_credit_provision",
    TransactionKind.TRANSFER: """money_distribution money_transfer_to_child money_transfer_to_parent money_acceptance_from_child
        money_acceptance_from_parent user_money_transfer""",
    TransactionKind.GIFT: "gift promo discount",
}
TYPES_OF = {kind: tuple(words.split()) for kind, words in _TYPES.items()}
TRANSACTION_KIND = {word: kind for kind, words in TYPES_OF.items() for word in words}

REPORT_KIND = {
    "calls": ReportKind.CALLS,
    "calls_brief": ReportKind.CALLS_BRIEF,
    "transactions": ReportKind.TRANSACTIONS,
    "transactions_on_hold": ReportKind.TRANSACTIONS,
    "audit": ReportKind.AUDIT,
    "call_list": ReportKind.CALL_LIST,
}

# Currencies that ISO 4217 has given another code.
CURRENCY = {"RUR": "RUB"}
