"""Names, numbers and codes of the generated records."""

from random import Random

APPLICATIONS = ((2, "support.acme"), (3, "secure.acme"), (5, "outbound.acme"))
SECURE_APPLICATION = 3
RULES = ("incoming", "after hours", "campaign", "callback")
USERS = ((661884, "anna"), (661885, "ben"), (661886, "chiara"), (661887, "dmitri"), (661888, "eve"))
OWN_NUMBERS = ("41446681800", "442079460018", "12125550142", "33142685300")
# Country and area code, number of further digits, and weight.
RANGES = (("4144668", 4, 5), ("4179", 7, 4), ("44207946", 4, 3), ("1212736", 4, 2), ("331426", 5, 2), ("3361234", 4, 1))
SIP_ADDRESSES = ("sip:desk@pbx.acme.example", "reception@sip.acme.example")
DIVERSIONS = ("41446681899", "442079460099")
GEOGRAPHY = {"41": "Switzerland", "44": "United Kingdom", "1": "USA", "33": "France"}
FINISHES = ("Normal termination",) * 12 + (
    "Insufficient funds",
    "Internal error (billing timeout)",
    "Terminated administratively",
    "JS session error",
    "Timeout",
)
QUALITIES = ("Standard", "HD", "Ultra HD")
CUSTOM_DATA = ("crm:4711", "crm:4712", "ticket;88", "campaign=autumn")
END_REASONS = (
    {"code": 486, "details": "Busy Here"},
    {"code": 480, "details": "Temporarily Unavailable"},
    {"code": 487, "details": "Request Terminated"},
    {"code": 408, "details": "Request Timeout"},
    "603 Decline",
    "487 Request Terminated",
    {"code": 404, "details": "Not Found"},
    "Insufficient funds",
    None,
)
TRANSCRIPTIONS = ("Not required", "In progress", "Complete")
RESOURCES = (
    ("CALLSESSION", "Session", "second"),
    ("VIDEOCALL", "Video call", "minute"),
    ("VIDEORECORD", "Video record", "minute"),
    ("VOICEMAILDETECTION", "Answering machine detection", "request"),
    ("YANDEXASR", "Speech recognition", "second"),
    ("ASR", "Speech recognition", "second"),
    ("TRANSCRIPTION", "Transcription", "minute"),
    ("TTS_TEXT_GOOGLE", "Speech synthesis", "character"),
    ("TTS_YANDEX", "Speech synthesis", "character"),
    ("AUDIOHDCONFERENCE", "Conference", "minute"),
)
# The transaction types of both lists of the vendor, and one that only its client has.
TYPES = """periodic_charge resource_charge money_distribution subscription_charge subscription_installation_charge card_periodic_payment
    card_overrun_payment card_payment rub_card_periodic_payment rub_card_overrun_payment rub_card_payment robokassa_payment gift
    promo add_money subscription_cancel adjustment wire_transfer us_wire_transfer refund discount mgp_charge mgp_startup
    mgp_business mgp_big_business mgp_enterprise mgp_large_enterprise techsupport_charge tax_charge monthly_fee_charge
    grace_credit_payment grace_credit_provision mau_charge mau_overrun im_charge im_overrun fmc_charge sip_registration_charge
    development_fee money_transfer_to_child money_transfer_to_parent money_acceptance_from_child money_acceptance_from_parent
    phone_number_installation phone_number_charge toll_free_phone_number_installation toll_free_phone_number_charge services
    user_money_transfer paypal_payment paypal_overrun_payment paypal_periodic_payment gift_revoke""".split()  # noqa: SIM905 - a list one can read
CREDITS = ("payment", "gift", "promo", "refund", "transfer", "add_money", "provision", "cancel", "acceptance", "discount")
COMMANDS = ("AddUser", "SetUserInfo", "DelUser", "BindSkill", "AddSkill", "DelSkill", "SetApplicationInfo", "AttachPhoneNumber")
SUBUSERS = ((None, None), (31, "ops"), (32, None))
ADDRESSES = ("192.168.0.12", "192.168.15.12", "203.0.113.7")
QUEUES = ("Support", "Sales", "Billing", "Returns", "French line", "VIP", "Night", "Callback", "Claims", "Partners", "Press", "Test")
SMART_QUEUES = ("Smart support", "Smart sales", "Smart billing")
EVENTS = ("OPERATOR_UNREACHABLE", "OPERATOR_REJECTED", "OPERATOR_ANSWERED", "CALLER_LEFT")


def random_phone_number(random: Random) -> str:
    """Return a phone number as the upstream writes it: E.164 without the plus sign."""
    (start, digits, _) = random.choices(RANGES, [weight for _, _, weight in RANGES])[0]
    return start + str(random.randrange(10**digits)).zfill(digits)


def country_of(number: str) -> str | None:
    """Return the upstream's name of a number's country, or None."""
    return next((name for code, name in GEOGRAPHY.items() if number.startswith(code)), None)
