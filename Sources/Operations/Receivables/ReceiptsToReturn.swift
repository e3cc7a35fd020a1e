import Domain
import Store

/// Receipts that are not ours and whose money stands on the account of receipts to return.
struct ReceiptsToReturn {
    static let givenBack = "given_back"

    private struct Aside {
        let number: String
        let iban: String?
        let amount: Money
        let bookedOn: Day
        let customer: ID<Customer>?
    }

    private var asides: [Aside]

    init(_ entity: ID<Entity>, in tx: any Transaction) throws {
        asides = try tx.rows(
            """
            SELECT r.external_id, r.payer_iban, r.amount_minor, r.currency, r.booked_on, r.customer_id
              FROM (SELECT e.memo AS number, SUM(CASE WHEN e.kind = \(SetReceiptAside.rule) THEN 1 ELSE -1 END) AS standing
                      FROM posting p JOIN journal_entry e ON e.entity_id = p.entity_id AND e.id = p.entry_id
                     WHERE p.entity_id = \(entity) AND p.account = '2150' GROUP BY e.memo) AS m
              JOIN receipt r ON r.entity_id = \(entity) AND r.method = 'bank' AND r.external_id = m.number
             WHERE m.standing > 0 ORDER BY r.id
            """
        ) { row in
            Aside(
                number: row.text(0), iban: row.optionalText(1), amount: row.money(2, row.currency(3)), bookedOn: row.day(4),
                customer: row.optionalID(5))
        }
    }

    /// Whether a receipt's money waits to be given back.
    func holds(_ number: String) -> Bool { asides.contains { $0.number == number } }

    /// Books a transfer of ours that gives a receipt back: the same amount, to the account that it came from, and one receipt alone that
    /// fits.
    ///
    /// - Returns: false when no receipt fits, or several do: a person explains the debit.
    mutating func take(_ entry: BankEntry, on day: Day, _ books: inout Books) throws -> Bool {
        guard entry.transactions.count == 1, let to = entry.transactions[0].counterpartyNumber
        else { return false }
        let fitting = asides.indices.filter { at in
            asides[at].iban == to && asides[at].amount == -entry.amount && asides[at].bookedOn <= day
        }
        guard fitting.count == 1 else { return false }
        let aside = asides.remove(at: fitting[0])
        try books.post(
            books.newID(), on: books.openDay(day), kind: Self.givenBack, memo: aside.number,
            [Posting(.receiptsToReturn, aside.customer, debit: aside.amount), Posting(.bank, aside.customer, credit: aside.amount)])
        return true
    }
}
