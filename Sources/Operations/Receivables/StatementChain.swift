import Domain
import Store

/// The statements of an account that balances prove to tell of other entries than this one: those that lead up to its opening
/// balance, and those that go on from its closing balance.
///
/// An entry that equals one of theirs is another entry, not the same one told again. Only statements of the day in one format are
/// compared, because those never overlap; where any other statement starts or ends at the same balance as this one, it may tell the
/// same entries, and nothing is proven.
package struct StatementChain: Sendable {
    private let entity: ID<Entity>
    private let ids: Set<Int64>

    /// How many statements lead from one to the farthest that is compared with it.
    package static let bound = 100
    /// Statements farther from this one than a month tell of no entry of its days.
    private static let days = 31

    private struct Known {
        /// What tells a statement from every other of its account, in whatever file it comes.
        struct Name: Hashable {
            var id: String
            var createdOn: String
            var opening: Int64
            var closing: Int64

            init(id: String, createdOn: String, opening: Int64, closing: Int64) {
                (self.id, self.createdOn, self.opening, self.closing) = (id, createdOn, opening, closing)
            }

            init?(_ summary: ImportStatement.Summary) {
                guard let createdOn = summary.header.createdOn?.iso8601, let opening = summary.opening?.minor,
                    let closing = summary.closing?.minor
                else { return nil }
                self.init(id: summary.header.id, createdOn: createdOn, opening: opening, closing: closing)
            }
        }

        var id: Int64
        var name: Name
    }

    /// - Parameter followed: The statements of the same file that this one follows, at most `bound`: `EntryKeys` counts their entries.
    package init(
        _ entity: ID<Entity>, of summary: ImportStatement.Summary, after followed: [ImportStatement.Summary], in tx: any Transaction
    ) throws {
        self.entity = entity
        guard let from = summary.fromOn, let family = summary.family, summary.isProven, let own = Known.Name(summary) else {
            ids = []
            return
        }
        let first = Day(number: from.number - Self.days), last = Day(number: summary.throughOn.number + Self.days)
        let others = try tx.rows(
            """
            SELECT id, statement_id, created_on, opening_minor, closing_minor, format, findings FROM statement
             WHERE entity_id = \(entity) AND account_iban = \(summary.header.account) AND currency = \(summary.currency.code)
               AND created_on >= \(first.iso8601) AND created_on <= \(last.iso8601)
               AND opening_minor IS NOT NULL AND closing_minor IS NOT NULL
             ORDER BY id LIMIT 10000
            """
        ) { row -> Known? in
            guard statementFamily(row.text(5)) == family, !row.text(6).contains(Finding.balanceGap) else { return nil }
            return Known(
                id: row.integer(0),
                name: Known.Name(id: row.text(1), createdOn: row.text(2), opening: row.integer(3), closing: row.integer(4)))
        }.compactMap { $0 }.filter { $0.name != own }
        guard !others.contains(where: { $0.name.opening == own.opening || $0.name.closing == own.closing }) else {
            ids = []
            return
        }
        let counted = Set(followed.compactMap(Known.Name.init))
        let chain =
            Self.walk(others, from: own) { $0.closing == $1.opening && $0.createdOn <= $1.createdOn }
            + Self.walk(others, from: own) { $0.opening == $1.closing && $0.createdOn >= $1.createdOn }
        ids = Set(chain.filter { !counted.contains($0.name) }.map(\.id))
    }

    /// From neighbour to neighbour, as long as there is one and no more.
    private static func walk(_ others: [Known], from own: Known.Name, _ touches: (Known.Name, Known.Name) -> Bool) -> [Known] {
        var found: [Known] = [], seen: Set<Known.Name> = [], at = own
        for _ in 0..<bound {
            let next = others.filter { touches($0.name, at) && !seen.contains($0.name) }
            guard let first = next.first?.name, next.allSatisfy({ $0.name == first }), first.opening != first.closing else { break }
            found += next
            seen.insert(first)
            at = first
        }
        return found
    }

    package var isEmpty: Bool { ids.isEmpty }

    /// How many entries of each digest the statements of the chain brought, those that the file itself tells left out.
    package func others(_ digests: Set<String>, in tx: any Transaction) throws -> [String: Int] {
        guard !ids.isEmpty else { return [:] }
        var counts: [String: Int] = [:], open = digests, place = 1
        while !open.isEmpty {
            var found: Set<String> = []
            let keys = open.map { entryKey($0, place) }.sorted()
            try tx.forEach(
                "SELECT entry_key, statement_id FROM statement_entry WHERE entity_id = \(entity) AND entry_key IN \(texts: keys)"
            ) { row in
                let digest = String(row.text(0).prefix(30))
                found.insert(digest)
                if ids.contains(row.integer(1)) { counts[digest, default: 0] += 1 }
            }
            (open, place) = (found, place + 1)
        }
        return counts
    }
}

extension ImportStatement.Summary {
    /// Whether opening balance and entries make the closing balance.
    fileprivate var isProven: Bool {
        opening != nil && closing != nil && !findings.contains { $0.message.hasPrefix(Finding.balanceGap) }
    }

    fileprivate var family: String? { statementFamily(header.format) }

    /// Whether the statement goes on where the one before it in the same file ends: a later page of it, or a statement of its own
    /// that opens with the other's closing balance, both with balances that add up.
    package func follows(_ other: Self) -> Bool {
        guard header.account == other.header.account, currency == other.currency else { return false }
        if header.isContinuation { return true }
        let isSame =
            (header.id, header.createdOn) == (other.header.id, other.header.createdOn)
            && (opening, closing) == (other.opening, other.closing)
        return family != nil && family == other.family && isProven && other.isProven && opening == other.closing && !isSame
    }
}

/// Statements of the day, which never overlap; nil for reports within the day and for notifications.
private func statementFamily(_ format: String) -> String? {
    format == "MT940" ? "MT940" : format.hasPrefix("camt.053") || format.hasPrefix("BkToCstmrStmt") ? "camt.053" : nil
}
