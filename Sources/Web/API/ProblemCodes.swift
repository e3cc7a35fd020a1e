extension OpenAPI {
    /// Every `code` of a problem under `/v1`, those of the desk's forms too, which an approval carries out. They are stable: programs decide by
    /// them.
    package static let codes = [
        "above_limit", "address_missing", "already_decided", "already_waits", "amount_above_free", "amount_above_open",
        "amount_beyond_bounds", "amount_not_positive", "amount_unreadable", "answer_day", "api_key_not_found", "body_interrupted",
        "body_too_large", "body_too_slow", "buckets_unsorted", "busy", "changed_meanwhile", "conflict", "content_encoding",
        "customer_invalid", "customer_not_found", "database_unavailable", "days_of_another_kind", "document_date_before_last",
        "document_not_found", "document_settled", "entity_not_found", "export_too_long", "fault", "field_invalid", "field_missing",
        "file_unreadable", "habit_not_found", "headers_too_large", "iban_invalid", "idempotency_key_missing",
        "idempotency_key_reused", "idempotency_key_running", "identity_empty", "identity_known", "identity_not_found",
        "if_match_invalid", "if_match_missing", "json_unreadable", "key_missing", "last_administrator", "limit_needs_approver",
        "media_type_wanted", "message_not_found", "message_outdated", "message_state", "method_not_allowed", "no_room", "not_acceptable",
        "not_administrator", "not_found", "order_ambiguous", "order_not_found", "order_role", "order_state", "order_two_people",
        "own_maker", "own_request", "parameter_invalid",
        "period_closed", "period_runs", "person_not_found", "promise_day_missing", "reason_code_unknown",
        "reason_missing", "receipt_applied", "receipt_not_applied", "receipt_not_found", "receipt_not_waiting",
        "receipt_used_up", "request_unreadable", "right_missing", "role_unknown", "run_day_ahead", "schema_newer", "scope_missing",
        "since_beyond_feed", "slice_closed", "slice_kind", "slice_not_found", "statement_backwards",
        "statement_day_ahead", "statement_sent", "too_many_requests", "too_many_rows", "webhook_removed", "write_off_missing",
    ]
}
