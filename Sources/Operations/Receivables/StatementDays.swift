import Domain

/// The days on which a statement books, and through which of them the account is known.
package struct StatementDays {
    /// The day of the import: nothing is known beyond it.
    private let today: Day
    private var counts: [Day: Int] = [:]
    private var lastTold: Day?

    /// An entry this many days before the statement's last is likely written with a wrong year.
    private static let span = 366

    package init(today: Day) { self.today = today }

    package mutating func add(_ entry: BankEntry) {
        if entry.bookedOn <= today { lastTold = max(entry.bookedOn, lastTold ?? entry.bookedOn) }
        if entry.status == .booked { counts[entry.bookedOn, default: 0] += 1 }
    }

    /// The first day on which an entry is booked; nil when none is.
    package var fromOn: Day? { counts.keys.min() }

    /// The last day, of entries and of the statement itself, that is not after today; nil when there is none.
    package func throughOn(createdOn: Day?) -> Day? { [lastTold, createdOn].compactMap { $0 }.filter { $0 <= today }.max() }

    /// Entries booked on days that are unlikely: after today, and long before the statement's others.
    package func findings(createdOn: Day?) -> [Finding] {
        var findings: [Finding] = []
        if let createdOn, createdOn > today {
            findings.append(Finding("the statement is of \(createdOn.iso8601), after today: the account is not taken as known through it"))
        }
        let late = counts.filter { $0.key > today }
        if let last = late.keys.max() {
            findings.append(
                Finding(
                    "entries booked after today: \(late.values.reduce(0, +)), the last on \(last.iso8601): "
                        + "the account is not taken as known through such a day; compare them by hand"))
        }
        guard let last = counts.keys.filter({ $0 <= today }).max() else { return findings }
        let early = counts.filter { last - $0.key > Self.span }
        if let first = early.keys.min() {
            findings.append(
                Finding(
                    "entries booked more than a year before the statement's last: \(early.values.reduce(0, +)), the first on "
                        + "\(first.iso8601): compare them by hand"))
        }
        return findings
    }
}
