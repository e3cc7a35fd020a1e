import Store

/// The fact tables an operation may write, in the order in which a seal covers them. The order is part of the hash: a new
/// table goes to the end.
enum FactTable: Int, CaseIterable, Sendable {
    case journalEntry, posting, openItem, allocation
    case salesOrder, salesOrderLine, orderEvent, invoice, invoiceLine
    case statement, statementEntry, receipt, application
    case dunningNotice, dunningNoticeItem
    case cashDiscount, itemReference
    case remittanceAdvice, remittanceLine, remittanceLink
    case slice, sliceEvent, receiptInquiry
    case habitEvent
    case receiptMandate
    case auditEntry, recordCheck
    case discountRate, party
    case customerVersion, identityEvent, receiptQuestion, deductionCodeEvent, webhookEvent, cashPolicy
    case cashPolicyText, outboxEvent

    var table: Table { Self.tables[rawValue] }

    /// Whether the table is older than its seals: rows from before its first sealed one belong to none.
    var joinedLater: Bool { self == .auditEntry }

    /// Columns outside the seal: sums and states that other facts imply.
    var unsealed: [Int] { Self.unsealedColumns[rawValue] }

    /// The column that holds the row's own id, or its parent's: rows of one seal lie between the seal's first and last id.
    var idColumn: String {
        switch self {
        case .posting: "entry_id"
        case .salesOrderLine: "order_id"
        case .invoiceLine: "invoice_id"
        case .dunningNoticeItem: "notice_id"
        case .cashDiscount, .itemReference, .discountRate: "item_id"
        case .remittanceLine: "advice_id"
        case .receiptMandate: "receipt_id"
        default: "id"
        }
    }

    /// What orders the rows of one seal.
    var order: String {
        switch self {
        case .cashDiscount, .receiptMandate, .discountRate: idColumn
        case .itemReference: "item_id, reference_key"
        default: idColumn == "id" ? "id" : "\(idColumn), line"
        }
    }

    /// The legal entity's rows above the id `$2` and up to `$3`, in their order.
    var rowsBetween: StatementText { Self.selects[rawValue] }

    private static let selects = allCases.map { fact in
        StatementText(
            written: "SELECT \(fact.table.columns.map(\.name).joined(separator: ", ")) FROM \(fact.table.name) WHERE entity_id = $1 "
                + "AND \(fact.idColumn) > $2 AND \(fact.idColumn) <= $3 ORDER BY \(fact.order)")
    }

    private static let tables = allCases.map { fact in
        switch fact {
        case .journalEntry: Table("journal_entry", "entity_id:i id:i effective_on:t kind:t memo:t reverses_id:i")
        case .posting: Table("posting", "entity_id:i entry_id:i line:i account:t customer_id:i currency:t amount_minor:i")
        case .openItem:
            Table(
                "open_item",
                "entity_id:i id:i kind:t account:t customer_id:i number:t effective_on:t due_on:t currency:t amount_minor:i open_minor:i")
        case .allocation:
            Table("allocation", "entity_id:i id:i debit_item_id:i credit_item_id:i amount_minor:i effective_on:t rule:t reverses_id:i")
        case .salesOrder:
            Table(
                "sales_order",
                "entity_id:i id:i external_id:t channel:t customer_id:i kind:t ordered_on:t currency:t net_minor:i tax_minor:i gross_minor:i "
                    + "state:t document_id:i")
        case .salesOrderLine:
            Table(
                "sales_order_line",
                "entity_id:i order_id:i line:i sku:t description:t quantity_milli:i price_micro:i net_minor:i tax_category:t tax_bp:i")
        case .orderEvent: Table("order_event", "entity_id:i id:i order_id:i event:t role:t reason:t happened_on:t")
        case .invoice:
            Table(
                "invoice",
                "entity_id:i id:i number:t type_code:i customer_id:i issued_on:t due_on:t currency:t net_minor:i tax_minor:i gross_minor:i "
                    + "order_number:t preceding_id:i")
        case .invoiceLine:
            Table(
                "invoice_line",
                "entity_id:i invoice_id:i line:i order_id:i sku:t description:t quantity_milli:i price_micro:i net_minor:i tax_category:t "
                    + "tax_bp:i")
        case .statement:
            Table(
                "statement",
                "entity_id:i id:i account_iban:t statement_id:t format:t currency:t file_digest:t created_on:t opening_minor:i "
                    + "closing_minor:i findings:t")
        case .statementEntry:
            Table(
                "statement_entry",
                "entity_id:i id:i statement_id:i entry_key:t booked_on:t value_on:t currency:t amount_minor:i reversal:i return_reason:t "
                    + "reference:t")
        case .receipt:
            Table(
                "receipt",
                "entity_id:i id:i method:t external_id:t booked_on:t currency:t amount_minor:i customer_id:i payer_name:t payer_iban:t "
                    + "end_to_end_id:t structured_reference:t remittance:t")
        case .application:
            Table("application", "entity_id:i id:i receipt_id:i applied_on:t rule:t explanation:t reverses_id:i certificate:t")
        case .dunningNotice:
            Table("dunning_notice", "entity_id:i id:i customer_id:i currency:t sent_on:t level:i total_minor:i evidence:t")
        case .cashDiscount: Table("cash_discount", "entity_id:i item_id:i until_on:t currency:t discount_minor:i")
        case .discountRate: Table("discount_rate", "entity_id:i item_id:i basis_points:i")
        case .party:
            Table(
                "party",
                "entity_id:i id:i customer_id:i name:t country:t vat_number:t street:t postal_code:t city:t registration:t iban:t bic:t")
        case .itemReference: Table("item_reference", "entity_id:i reference_key:t item_id:i reference:t")
        case .remittanceAdvice:
            Table(
                "remittance_advice",
                "entity_id:i id:i file_digest:t position:i reader:t reader_version:i format:t payer_name:t payer_identifiers:t "
                    + "payment_reference:t paid_on:t currency:t total_minor:i citations:t findings:t")
        case .remittanceLine:
            Table(
                "remittance_line",
                "entity_id:i advice_id:i line:i document:t kind:t issued_on:t also_known_as:t currency:t gross_minor:i discount_minor:i "
                    + "deduction_minor:i deduction_reasons:t paid_minor:i citations:t")
        case .remittanceLink: Table("remittance_link", "entity_id:i id:i advice_id:i receipt_id:i rule:t")
        case .habitEvent:
            Table(
                "habit_event",
                "entity_id:i id:i customer_id:i habit:t outcome:t receipt_id:i happened_on:t role:t reason:t")
        case .auditEntry: Table("audit_entry", "entity_id:i id:i happened_at:i actor:t role:t act:t detail:t outcome:t")
        case .recordCheck: Table("record_check", "entity_id:i id:i subject:t checks:b")
        case .receiptMandate: Table("receipt_mandate", "entity_id:i receipt_id:i mandate_id:t")
        case .dunningNoticeItem: Table("dunning_notice_item", "entity_id:i notice_id:i line:i item_id:i level:i open_minor:i")
        case .slice:
            Table(
                "slice",
                "entity_id:i id:i item_id:i customer_id:i kind:t currency:t amount_minor:i open_minor:i opened_on:t due_on:t plan_id:i "
                    + "reason_code:t customer_code:t reason:t role:t")
        case .sliceEvent:
            Table("slice_event", "entity_id:i id:i slice_id:i event:t amount_minor:i happened_on:t allocation_id:i reason:t role:t")
        case .customerVersion:
            Table(
                "customer_version",
                "entity_id:i id:i customer_id:i until_on:t name:t email:t country:t vat_number:t parent_id:i terms_days:i "
                    + "credit_limit_minor:i currency:t billing:t cash_policy:t discount_basis_points:i discount_days:i")
        case .identityEvent:
            Table("identity_event", "entity_id:i id:i customer_id:i kind:t value:t event:t source:t happened_on:t")
        case .receiptQuestion: Table("receipt_question", "entity_id:i id:i receipt_id:i asked_on:t weight:i reason:t")
        case .deductionCodeEvent:
            Table(
                "deduction_code_event", "entity_id:i id:i customer_id:i customer_code:t reason_code:t before_code:t mapped_on:t")
        case .webhookEvent: Table("webhook_event", "entity_id:i id:i webhook_id:i event:t")
        case .cashPolicy: Table("cash_policy", "entity_id:i id:i in_force_on:t rules:t notes:t")
        case .cashPolicyText: Table("cash_policy_text", "entity_id:i id:i policy:t bank_charge_hundredths:i")
        case .outboxEvent:
            Table(
                "outbox_event", "entity_id:i id:i message_id:i event:t recipient:t sent_to:t happened_on:t role:t reason:t")
        case .receiptInquiry:
            Table("receipt_inquiry", "entity_id:i id:i receipt_id:i customer_id:i asked_on:t answer_by:t question:t role:t")
        }
    }

    private static let unsealedColumns = allCases.map { fact in
        let names: Set<String> =
            switch fact {
            case .openItem, .slice: ["open_minor"]
            case .salesOrder: ["state", "document_id"]
            default: []
            }
        return fact.table.columns.indices.filter { names.contains(fact.table.columns[$0].name) }
    }
}
