"""Promised: what the design asks of a plugin, sentence by sentence, which promise of the kit checks it, and which plugins break it."""

PROMISED = {
    "What a plugin declares is the schema's, and it is found under its own name.": {
        "has_a_name": "Misnamed",
        "declares_what_the_schema_has": "Misspelt",
    },
    "Unknown and missing settings fail at start with their key; every setting is described.": {
        "describes_its_settings": "Terse",
        "names_a_missing_setting": "Vague",
        "names_an_unknown_setting": "Lenient",
    },
    "A plugin does not retry, sleep, cache, open clients, read the environment, log, catch Exception, or know other plugins.": {
        "leaves_the_rest_to_the_gateway": "Waiting Persistent Dialling Environmental Chatty Hoarding Fluent Forgiving Nosy Blind",
        "opens_no_client_of_its_own": "Sneaky",
        "holds_up_nobody": "Blocking",
    },
    "A plugin asks only when it is asked, and can be checked.": {
        "asks_nothing_when_made": "Eager",
        "checks_itself": "Careless Unguarded",
    },
    "Credentials are got once, however many ask; when they run out they are renewed once, and the request goes on.": {
        "logs_in_once": "Distrustful Stampeding",
        "renews_its_credentials": "Tired Offended Hectic",
    },
    "What the client did not select is not asked for.": {"costs_nothing_unselected": "Wasteful"},
    "A listing comes in time order, both ways, from a position; it can be left at any moment.": {
        "comes_in_both_orders": "OneWay",
        "loses_nothing_between_bounds": "Narrow",
        "passes_bounds_on": "Boundless",
        "stops_when_cancelled": "Unstoppable",
    },
    "Ties and collections without time are complete, whatever the page size.": {
        "goes_on_by_offset": "Stuck",
        "keeps_to_the_size": "Greedy",
        "pages_through_the_gateway": "Shifted",
    },
    "Granularity and zone are as declared; times are in UTC.": {"stands_in_utc": "Local Lagging", "ticks_as_declared": "Coarse"},
    "Ids are there, unique and stable, and every record names its account.": {
        "has_ids": "Nameless",
        "names_its_account": "Selfish",
        "is_stable": "Fickle",
    },
    "A count is exact, or not given.": {"counts_exactly": "Boastful", "bounds_exactly": "Wide Unbounded"},
    "A filter is pushed as declared: EXACT, SUPERSET, and never silently ignored.": {
        "filters_as_declared": "Forgetful Overconfident",
        "passes_filters_on": "Idle",
    },
    "A get takes many keys in as few requests as declared; an unknown key is absent, a made-up one harmless.": {
        "costs_few_requests": "Singly",
        "leaves_unknown_keys_out": "Strict",
        "keeps_keys_apart": "Gullible Crashing",
        "gets_what_is_listed": "Different",
    },
    "Relations are complete by get and by join, and lead back.": {
        "finds_all_children": "Tight Dropping",
        "leads_there_and_back": "Orphaned",
    },
    "An unknown code is UNKNOWN, what is absent is null.": {
        "knows_what_it_does_not_know": "Guessing Exacting",
        "needs_only_id_and_time": "Demanding",
        "holds_what_the_types_say": "Wordy Blank Inexact Huge",
    },
    "A record without id or time is a problem that names it, and the rest of the page still arrives.": {
        "survives_a_broken_row": "Brittle Hushed Spoilt",
    },
    "The upstream's own row is kept as it was delivered, with its own words.": {
        "keeps_the_upstreams_words": "Silent",
        "keeps_what_it_does_not_use": "Frozen Tidy",
    },
    "Only what is given out need be mapped, and it stands where it would stand.": {"stands_where_it_will": "Late Changing"},
    "Files are streams of bytes, with ranges, of this provider only.": {
        "streams_files": "Elsewhere",
        "passes_ranges_on": "Headstrong",
        "tells_of_a_missing_file": "Wide Generous",
        "offers_only_files_it_has": "Promising",
    },
    "Commands are never retried, and told per id.": {"orders_once": "Insistent Claiming Evasive"},
    "Failures are errors of the closed set, in words that hold no URL, no body and no secret.": {
        "turns_faults_into_errors": "Comforting Stoic Deaf Quoting Raw",
        "fails_its_check_rightly": "Talkative Hopeful",
        "recovers": "Sulking",
        "tells_no_secrets": "Talkative",
        "keeps_secrets_out_of_its_settings_text": "Open Shown Plain",
    },
}
