import Domain
import Store

/// What the allocations of one operation mean for the slices of the items they settle.
struct SliceMoves {
    struct Move {
        let allocation: Int64
        /// The allocation that this one takes back.
        var reverses: Int64?
        let debit: Int64
        let credit: Int64
        /// Above zero.
        let amount: Int64
        /// What the debit had open before.
        let open: Int64
        let on: Day
        /// nil goes by what the credit is.
        var settlement: Settlement?
        let rule: String
    }

    private(set) var moves: [Move] = []
    /// Credits that are not in the database yet.
    private(set) var kinds: [Int64: String] = [:]
    var isEmpty: Bool { moves.isEmpty }

    mutating func append(_ move: Move) { moves.append(move) }
    mutating func note(_ credit: NewOpenItem) { kinds[credit.id] = credit.kind.rawValue }
}

extension Books {
    /// Takes from the slices what settled them, and gives back what was taken back.
    mutating func moveSlices(_ made: SliceMoves, in tx: any Transaction) throws {
        // Read.
        var slices: [Int64: [Slice]] = [:]
        try tx.forEach(
            """
            SELECT item_id, id, kind, due_on, open_minor FROM slice WHERE entity_id = \(entity) \
            AND item_id IN \(ids: Set(made.moves.map(\.debit))) ORDER BY id
            """
        ) { slices[$0.integer(0), default: []].append(Slice($0)) }
        guard !slices.isEmpty else { return }
        let kinds = try creditKinds(made, in: tx)
        var taken = try taken(by: made.moves.compactMap(\.reverses), in: tx)
        // Decide and write.
        var changes: [SQLValue] = []
        for move in made.moves {
            guard var own = slices[move.debit] else { continue }
            let parts: [(slice: Int64, amount: Int64)], event: Slice.Event
            if let reverses = move.reverses {
                (parts, event) = (taken.removeValue(forKey: reverses) ?? [], .reopened)
            } else {
                let settlement = move.settlement ?? (kinds[move.credit].map(Self.isCash) ?? true ? .cash : .credit)
                parts = Domain.taken(by: settlement, move.amount, from: own, open: move.open)
                event = if case .writeOff = settlement { .writtenOff } else { .settled }
                taken[move.allocation] = parts
            }
            for part in parts {
                let change = event == .reopened ? part.amount : -part.amount
                guard let at = own.firstIndex(where: { $0.id == part.slice }) else {
                    preconditionFailure("an event names a slice of its item")
                }
                own[at].open += change
                changes += [.integer(change), .integer(entity.value), .integer(part.slice)]
                append(event, of: part.slice, part.amount, on: move.on, allocation: move.allocation, reason: move.rule, role: "")
            }
            slices[move.debit] = own
        }
        try tx.repeated("UPDATE slice SET open_minor = open_minor + $1 WHERE entity_id = $2 AND id = $3", 3, changes)
    }

    /// Records what happened to a slice; its kept amount is the caller's to change.
    mutating func append(
        _ event: Slice.Event, of slice: Int64, _ amount: Int64, on day: Day, allocation: Int64? = nil, reason: String, role: String
    ) {
        let id: ID<Slice> = newID()
        append(.sliceEvent) { batch in
            batch.append(id.value)
            batch.append(slice)
            batch.append(event.rawValue)
            batch.append(amount)
            batch.append(day.iso8601)
            batch.append(allocation)
            batch.append(reason)
            batch.append(role)
        }
    }

    /// Money, and the differences that come with it.
    private static func isCash(_ kind: String) -> Bool {
        kind != OpenItem.Kind.creditNote.rawValue && kind != OpenItem.Kind.opening.rawValue
    }

    private func creditKinds(_ made: SliceMoves, in tx: any Transaction) throws -> [Int64: String] {
        var kinds = made.kinds
        let credits = Set(made.moves.map(\.credit)).subtracting(kinds.keys)
        try tx.forEach("SELECT id, kind FROM open_item WHERE entity_id = \(entity) AND id IN \(ids: credits)") {
            kinds[$0.integer(0)] = $0.text(1)
        }
        return kinds
    }

    /// What allocations took from slices, by the allocation. A slice that a person ended stays ended.
    private func taken(by allocations: [Int64], in tx: any Transaction) throws -> [Int64: [(slice: Int64, amount: Int64)]] {
        guard !allocations.isEmpty else { return [:] }
        var taken: [Int64: [(slice: Int64, amount: Int64)]] = [:]
        try tx.forEach(
            """
            SELECT e.allocation_id, e.slice_id, e.amount_minor FROM slice_event e
             WHERE e.entity_id = \(entity) AND e.allocation_id IS NOT NULL AND e.allocation_id IN \(ids: allocations)
               AND NOT EXISTS (SELECT 1 FROM slice_event r WHERE r.entity_id = e.entity_id AND r.slice_id = e.slice_id
                 AND r.event = 'released')
             ORDER BY e.id
            """
        ) { taken[$0.integer(0), default: []].append(($0.integer(1), $0.integer(2))) }
        return taken
    }
}

extension Slice {
    /// Of `id, kind, due_on, open_minor` from `column` on.
    init(_ row: Row, from column: Int = 1) {
        self.init(id: row.integer(column), kind: row.word(column + 1), dueOn: row.optionalDay(column + 2), open: row.integer(column + 3))
    }
}
