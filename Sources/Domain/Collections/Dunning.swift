/// A dunning procedure as data: the levels a notice climbs, and what must hold before one leaves.
package struct DunningLadder: Equatable, Sendable {
    package struct Level: Equatable, Sendable {
        /// Days past the due day before an item may reach this level; at least 1.
        package var overdueDays: Int
        /// Days since the item reached its last level before it may reach this one; never on the same day.
        package var daysSinceNotice: Int
        /// The letter's heading.
        package var title: String
        package init(overdueDays: Int, daysSinceNotice: Int, title: String) {
            (self.overdueDays, self.daysSinceNotice, self.title) = (overdueDays, daysSinceNotice, title)
        }
    }

    package var levels: [Level]
    /// Nothing is sent about less than this.
    package var minimumMinor: Int64
    /// Nothing is sent while the newest bank statement of an account is older than this many days.
    package var feedAgeDays: Int
    /// Nothing is sent before the first bank statement: without one nobody knows who has paid. False where cash comes another way.
    package var requiresFeed = true
    package init(levels: [Level], minimumMinor: Int64, feedAgeDays: Int) {
        (self.levels, self.minimumMinor, self.feedAgeDays) = (levels, minimumMinor, feedAgeDays)
    }

    package static let standard = DunningLadder(
        levels: [
            Level(overdueDays: 1, daysSinceNotice: 0, title: "Payment reminder"),
            Level(overdueDays: 15, daysSinceNotice: 10, title: "Second reminder"),
            Level(overdueDays: 30, daysSinceNotice: 10, title: "Final notice"),
        ], minimumMinor: 100, feedAgeDays: 5)
}

/// An overdue item as dunning sees it: what of it nobody disputes and nobody promised.
package struct OverdueItem: Equatable, Sendable {
    /// Its open amount is what is asked for.
    package let item: OpenItem
    /// What stands apart and is not asked for.
    package let leftAlone: Money
    /// The highest level it was written to about; 0 when it was in no notice.
    package let level: Int
    /// When it reached that level.
    package let lastNoticeOn: Day?

    /// - Parameter leftAlone: Below what the item has open; nil is nothing.
    package init(_ item: OpenItem, leftAlone: Money? = nil, level: Int, lastNoticeOn: Day?) {
        var asked = item
        asked.open = item.open - (leftAlone ?? .zero(item.open.currency))
        precondition(asked.open.minor > 0)
        (self.item, self.leftAlone) = (asked, leftAlone ?? .zero(item.open.currency))
        (self.level, self.lastNoticeOn) = (level, lastNoticeOn)
    }
}

/// One letter: every overdue item of one customer in one currency, less that customer's open credit notes.
package struct DunningNotice: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        package let item: OpenItem
        /// What of the item is not asked for.
        package let leftAlone: Money
        /// 0 when the item is listed before its first reminder is due.
        package let level: Int
        package let overdueDays: Int
    }
    package let level: Int
    /// What remains to be paid when the credits are set off.
    package let total: Money
    package let lines: [Line]
    package let credits: [OpenItem]
}

/// The notice that is due on `day`, or nil. An item rises by one level at a time, whatever was paid in between.
///
/// - Parameters:
///   - items: One customer's, one currency, each due before `day` with an open amount above zero.
///   - credits: That customer's credit notes in that currency, each with an open amount below zero.
package func dunningNotice(
    for items: [OverdueItem], less credits: [OpenItem] = [], on day: Day, _ ladder: DunningLadder
) -> DunningNotice? {
    precondition(credits.allSatisfy { $0.open.minor < 0 })
    guard let currency = items.first?.item.open.currency else { return nil }
    var rises = false
    let lines = items.map { overdue in
        let days = day - overdue.item.dueOn
        precondition(days > 0 && overdue.item.open.minor > 0)
        guard overdue.level < ladder.levels.count else {
            return DunningNotice.Line(item: overdue.item, leftAlone: overdue.leftAlone, level: overdue.level, overdueDays: days)
        }
        let next = ladder.levels[overdue.level]
        let waited = overdue.lastNoticeOn.map { day - $0 >= max(1, next.daysSinceNotice) } ?? true
        let reaches = days >= next.overdueDays && waited
        if reaches { rises = true }
        return DunningNotice.Line(
            item: overdue.item, leftAlone: overdue.leftAlone, level: overdue.level + (reaches ? 1 : 0), overdueDays: days)
    }
    let total = (lines.map(\.item.open) + credits.map(\.open)).total(in: currency)
    guard rises, total.minor >= ladder.minimumMinor else { return nil }
    return DunningNotice(
        level: lines.map(\.level).max() ?? 0, total: total,
        lines: lines.sorted { ($0.item.dueOn, $0.item.id) < ($1.item.dueOn, $1.item.id) },
        credits: credits.sorted { ($0.effectiveOn, $0.id) < ($1.effectiveOn, $1.id) })
}
