"""The simulated customer: its users, queues and numbers, and the numbers that call it."""

CUSTOMER_ID = 1_000_234
USERS = (
    (1_004_567, "1001", "Ada Byron"),
    (1_004_568, "1002", "Grace Murray"),
    (1_004_569, "1003", "Hedy Kiesler"),
    (1_004_570, "1004", "Joan Clarke"),
    (1_004_571, "1005", "Radia Perlman"),
    (1_004_572, "1006", "Karen Jones"),
)
QUEUES = ((12_441, "Sales", "2001"), (12_442, "Billing", "2002"), (12_443, "Support", "2003"), (12_444, "Returns", "2004"))
MENU = ("IVR324", "3001", "Main menu")
OWN_NUMBERS = ("442079460100", "442079460101", "441614960200", "41616925870")
TRACKING_NUMBERS = ("442079460901", "442079460902", "12125550190")
OUTSIDE = (
    ("442079460123", ""),
    ("442079460188", "contact:3423"),
    ("441614960345", ""),
    ("441174960678", ""),
    ("447911123456", "contact:3424"),
    ("447400123456", ""),
    ("41616925879", ""),
    ("41446681800", "contact:3425"),
    ("41791234567", ""),
    ("12124537768", ""),
    ("13103345244", "contact:3426"),
    ("14155550132", ""),
    ("33142685300", ""),
    ("33612345678", "contact:3427"),
    ("32179243705", ""),
    ("49301234567", ""),
)
CONTACTS = {
    "contact:3423": "Babbage & Sons",
    "contact:3424": "Charles B.",
    "contact:3425": "Alpenglow AG",
    "contact:3426": "Lamarr Pictures",
    "contact:3427": "Ateliers Curie",
}
LOGIN, PASSWORD = "ada@example.com", "analytical-engine"
