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
        "uses_nothing_forbidden": "Waiting Persistent Dialling Environmental Chatty Hoarding Fluent Forgiving Nosy Blind",
        "opens_no_client_of_its_own": "Sneaky",
        "keeps_the_event_loop_free": "Blocking",
    },
    "A plugin asks only when it is asked, and can be checked.": {
        "sends_nothing_when_constructed": "Eager",
        "sends_a_request_in_its_check": "Careless Unguarded",
    },
    "Credentials are got once, however many ask; when they run out they are renewed once, and the request goes on.": {
        "logs_in_once": "Distrustful Stampeding",
        "renews_its_credentials": "Tired Offended Hectic",
    },
    "What the client did not select is not asked for.": {"fetches_only_what_is_selected": "Wasteful"},
    "A listing comes in time order, both ways, from a position; it can be left at any moment.": {
        "sorts_in_both_orders": "OneWay",
        "loses_nothing_between_bounds": "Narrow",
        "sends_time_bounds": "Boundless",
        "stops_when_cancelled": "Unstoppable",
    },
    "A next page is where the upstream says, on its own origin only; a link that has expired ends nothing.": {
        "follows_links": "Overlapping",
        "follows_no_foreign_links": "Trusting",
        "goes_on_when_links_expire": "Severe",
    },
    "Ties and collections without time are complete, whatever the page size.": {
        "continues_by_offset": "Stuck",
        "respects_the_size": "Greedy",
        "pages_through_the_gateway": "Shifted",
    },
    "Granularity and zone are as declared; times are in UTC.": {
        "has_position_times_in_utc": "Local Lagging",
        "declares_its_time_resolution": "Coarse",
    },
    "Ids are there, unique and stable, and every record names its account.": {
        "has_ids": "Nameless",
        "names_its_provider": "Selfish",
        "delivers_stable_records": "Fickle",
    },
    "Every row of the upstream is a record with its own id, time, amount and parent.": {
        "delivers_every_row": "Sieving Refunding",
        "places_new_rows_now": "Tardy",
        "loses_nothing_when_clocks_are_set_back": "WallClock",
    },
    "A list ends where the upstream's list ends, not where a page is short.": {
        "follows_every_page": "Padding",
        "follows_every_page_of_gets": "Shallow",
    },
    "What looks right and is not is not believed, and nothing in any words is nothing.": {
        "believes_no_nonsense": "Credulous",
        "understands_every_empty_answer": "Picky",
    },
    "What the upstream refuses because of the client's value is the client's, and costs nothing else.": {
        "reports_refused_values": "Blaming",
        "splits_a_refused_batch": "Fragile",
    },
    "A count is exact, or not given.": {"counts_exactly": "Boastful", "applies_time_bounds_exactly": "Wide Unbounded"},
    "A filter is pushed as declared: EXACT, SUPERSET, and never silently ignored.": {
        "filters_as_declared": "Forgetful Overconfident",
        "sends_filters": "Idle",
    },
    "A get takes many keys in as few requests as declared; an unknown key is absent, a made-up one harmless.": {
        "batches_keys": "Singly",
        "omits_unknown_keys": "Strict",
        "quotes_keys": "Gullible Crashing",
        "gets_what_is_listed": "Different",
    },
    "Relations are complete by get and by join, and lead back.": {
        "finds_all_children": "Tight Dropping",
        "follows_relations_both_ways": "Orphaned",
    },
    "An unknown code is UNKNOWN, what is absent is null.": {
        "maps_unknown_codes_to_unknown": "Guessing Exacting",
        "needs_only_id_and_time": "Demanding",
        "isolates_malformed_fields": "Typed",
        "matches_the_field_types": "Wordy Blank Inexact Huge",
    },
    "A record without id or time is a problem that names it, and the rest of the page still arrives.": {
        "isolates_malformed_rows": "Brittle Hushed Spoilt",
    },
    "The upstream's own row is kept as it was delivered, with its own words.": {
        "keeps_the_raw_row": "Silent",
        "ignores_and_keeps_unknown_fields": "Curious Tidy",
    },
    "What a plugin fills is known without asking it: from its mappings, and for grouped records from what it declares.": {
        "declares_what_it_derives": "Modest",
    },
    "A field is the same whether it is read alone or with all others.": {"reads_each_field_alone": "Consuming"},
    "Files are streams of bytes, with ranges, of this provider only.": {
        "streams_files": "Elsewhere",
        "forwards_ranges": "Headstrong",
        "reports_a_missing_file": "Wide Generous",
        "declares_the_files_it_offers": "Promising",
    },
    "Commands are never retried, and told per id.": {"sends_commands_once": "Insistent Claiming Evasive"},
    "Failures are errors of the closed set, in words that hold no URL, no body and no secret.": {
        "turns_faults_into_errors": "Comforting Stoic Deaf Quoting Raw",
        "reports_faults_in_its_check": "Talkative Hopeful",
        "recovers_after_faults": "Sulking",
        "exposes_no_secrets": "Talkative",
        "keeps_secrets_out_of_its_settings_text": "Open Shown Plain",
    },
}
