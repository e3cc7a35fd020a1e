/// A part of an open item that stands apart: in dispute, deducted by the customer, promised for a day, or an instalment of a plan.
///
/// The rest of the item keeps ageing and is collected. The slices of an item never add up to more than it has open.
package struct Slice: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case dispute, deduction, promise, instalment
        /// Whether it waits for a day; the others wait for a person.
        package var hasDay: Bool { self == .promise || self == .instalment }
        /// What is said of the part while it stands.
        package var standing: String {
            switch self {
            case .dispute: "disputed"
            case .deduction: "deducted"
            case .promise: "promised"
            case .instalment: "on a plan"
            }
        }
    }

    /// What may happen to a slice, each for an amount: `reopened` gives back what the others took.
    package enum Event: String, CaseIterable, Sendable {
        /// Cash or a credit note paid it.
        case settled
        case writtenOff = "written_off"
        /// A person ended it: the part is collected again.
        case released
        /// Its day passed without the money.
        case broken
        /// What settled it or wrote it off was taken back.
        case reopened
    }

    package let id: Int64
    package let kind: Kind
    /// The day promised; nil where the kind has none.
    package let dueOn: Day?
    /// In minor units of its item's currency, zero or above.
    package var open: Int64
    package init(id: Int64, kind: Kind, dueOn: Day?, open: Int64) {
        precondition(kind.hasDay == (dueOn != nil) && open >= 0)
        (self.id, self.kind, self.dueOn, self.open) = (id, kind, dueOn, open)
    }

    /// Whether nobody is asked for it on that day.
    package func isLeftAlone(on day: Day) -> Bool { open > 0 && (dueOn.map { $0 >= day } ?? true) }
}

/// What settles an item, as far as its slices care.
package enum Settlement: Equatable, Sendable {
    /// Money pays what was promised first, earliest day first, then what nothing stands on, then deductions, disputes last.
    case cash
    /// A credit note answers disputes first, then deductions, then what nothing stands on, promises last.
    case credit
    /// A write-off takes the slice it was meant for, or what nothing stands on.
    case writeOff(slice: Int64?)
}

/// What a settlement takes from the slices of one item, in the order it takes them.
///
/// - Parameters:
///   - amount: Above zero and at most `open`.
///   - slices: The item's, in the order of their ids.
///   - open: What the item had open before, at least the sum of its slices.
package func taken(by settlement: Settlement, _ amount: Int64, from slices: [Slice], open: Int64) -> [(slice: Int64, amount: Int64)] {
    var free = open - slices.reduce(0) { $0 + $1.open }, rest = amount
    precondition(free >= 0 && amount > 0 && amount <= open)
    func these(_ kinds: [Slice.Kind]) -> [Slice] { kinds.flatMap { kind in slices.filter { $0.kind == kind && $0.open > 0 } } }
    let promised = slices.filter { $0.kind.hasDay && $0.open > 0 }.sorted {
        ($0.dueOn ?? Day(number: 0), $0.id) < ($1.dueOn ?? Day(number: 0), $1.id)
    }
    let before: [Slice], after: [Slice]
    switch settlement {
    case .cash: (before, after) = (promised, these([.deduction, .dispute]))
    case .credit: (before, after) = (these([.dispute, .deduction]), promised.reversed())
    case .writeOff(let slice):
        before = slices.filter { $0.id == slice }
        after = these([.dispute, .deduction]) + promised.reversed()
    }
    var taken: [(slice: Int64, amount: Int64)] = []
    func take(_ wanted: [Slice]) {
        for slice in wanted where rest > 0 && !taken.contains(where: { $0.slice == slice.id }) {
            let part = min(rest, slice.open)
            if part > 0 { taken.append((slice.id, part)) }
            rest -= part
        }
    }
    take(before)
    let unclaimed = min(rest, free)
    (rest, free) = (rest - unclaimed, free - unclaimed)
    take(after)
    precondition(rest == 0, "an item is its slices and what nothing stands on")
    return taken
}
