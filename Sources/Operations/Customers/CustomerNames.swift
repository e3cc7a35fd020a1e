import Domain
import Store

/// Customers' names and mail addresses in small letters, kept between readings and carried on by what was recorded since: an index knows how
/// a name begins, not what it holds, and comparing 50,000 of them takes PostgreSQL 20 ms.
///
/// - Shape: about 40 bytes a customer besides the texts.
package struct CustomerNames: Sendable {
    private var ids: [Int64] = []
    private var names = Texts(), mails = Texts()

    /// - Parameters:
    ///   - kept: As they stood earlier; nil reads every customer.
    ///   - lastID: What was recorded until then is known to `kept`.
    package init(_ entity: ID<Entity>, since kept: (names: CustomerNames, lastID: Int64)? = nil, in tx: any Transaction) throws {
        guard let kept else {
            try tx.forEach("SELECT id, name, COALESCE(email, '') FROM customer WHERE entity_id = \(entity)") { append($0) }
            return
        }
        let changed = Set(
            try tx.rows(
                """
                SELECT id FROM customer WHERE entity_id = \(entity) AND id > \(kept.lastID)
                 UNION SELECT customer_id FROM customer_version WHERE entity_id = \(entity) AND id > \(kept.lastID)
                """
            ) { $0.integer(0) })
        guard !changed.isEmpty else {
            self = kept.names
            return
        }
        for (at, id) in kept.names.ids.enumerated() where !changed.contains(id) {
            ids.append(id)
            names.append(kept.names.names[at])
            mails.append(kept.names.mails[at])
        }
        try tx.forEach(
            "SELECT id, name, COALESCE(email, '') FROM customer WHERE entity_id = \(entity) AND id IN \(ids: changed.sorted())"
        ) { append($0) }
    }

    private mutating func append(_ row: Row) {
        ids.append(row.integer(0))
        names.append(row.text(1).lowercased().utf8)
        mails.append(row.text(2).lowercased().utf8)
    }

    /// The customers whose name, or mail address where one is typed, holds the words in whatever case: the first by their names.
    ///
    /// - Parameter horizon: Only those with an id up to this one.
    func ids(holding words: String, through horizon: Int64, limit: Int) -> [Int64] {
        let wanted = Array(words.lowercased().utf8)
        var first: [Int] = []
        func take(_ at: Int) {
            guard ids[at] <= horizon, !first.contains(at) else { return }
            if first.count == limit {
                guard precedes(at, first[limit - 1]) else { return }
                first.removeLast()
            }
            first.insert(at, at: first.firstIndex { precedes(at, $0) } ?? first.count)
        }
        names.forEach(holding: wanted, take)
        if wanted.contains(UInt8(ascii: "@")) { mails.forEach(holding: wanted, take) }
        return first.map { ids[$0] }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        if names[left].lexicographicallyPrecedes(names[right]) { return true }
        return ids[left] < ids[right] && !names[right].lexicographicallyPrecedes(names[left])
    }
}

/// Texts one behind the other.
private struct Texts: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    subscript(at: Int) -> ArraySlice<UInt8> { bytes[(at == 0 ? 0 : ends[at - 1])..<ends[at]] }

    mutating func append(_ text: some Sequence<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
    }

    /// Each text that holds the words, once.
    func forEach(holding words: [UInt8], _ body: (Int) -> Void) {
        guard let first = words.first else { return }
        bytes.withUnsafeBufferPointer { all in
            words.withUnsafeBufferPointer { words in
                var at = 0, text = 0
                while at + words.count <= all.count {
                    guard all[at] == first, (1..<words.count).allSatisfy({ all[at + $0] == words[$0] }) else {
                        at += 1
                        continue
                    }
                    while ends[text] <= at { text += 1 }
                    // Across the end of one text into the next.
                    guard at + words.count <= ends[text] else {
                        at += 1
                        continue
                    }
                    body(text)
                    at = ends[text]
                }
            }
        }
    }
}
