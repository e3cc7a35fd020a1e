import Store

/// The fact tables an operation may write, in the order in which a seal covers them. The order is part of the hash: a new
/// table goes to the end.
enum FactTable: Int, CaseIterable, Sendable {
    case journalEntry, posting, openItem, allocation

    /// Columns that are sealed; kept sums and states that other facts imply are left out.
    var table: Table {
        switch self {
        case .journalEntry: Self.journalEntryTable
        case .posting: Self.postingTable
        case .openItem: Self.openItemTable
        case .allocation: Self.allocationTable
        }
    }

    /// The column that holds the row's own id, or its parent's: rows of one seal lie between the seal's first and last id.
    var idColumn: String { self == .posting ? "entry_id" : "id" }

    /// What orders the rows of one seal.
    var order: String { self == .posting ? "entry_id, line" : "id" }

    private static let journalEntryTable = Table("journal_entry", "entity_id:i id:i effective_on:t kind:t memo:t reverses_id:i")
    private static let postingTable = Table("posting", "entity_id:i entry_id:i line:i account:t customer_id:i currency:t amount_minor:i")
    private static let openItemTable = Table(
        "open_item",
        "entity_id:i id:i kind:t account:t customer_id:i number:t effective_on:t due_on:t currency:t amount_minor:i open_minor:i")
    private static let allocationTable = Table(
        "allocation", "entity_id:i id:i debit_item_id:i credit_item_id:i amount_minor:i effective_on:t rule:t reverses_id:i")
}
