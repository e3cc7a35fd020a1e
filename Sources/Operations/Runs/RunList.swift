import Domain
import Store

/// Runs of the day's work, the latest business day first, of a day the scheduler's first and then those that were started by hand, the
/// latest first; a page at a time.
package struct RunList: Sendable {
    package enum State: String, CaseIterable, Sendable { case waiting, running, done, failed }
    package struct Line: Sendable {
        /// As `RunID` has it.
        package let id: Int64
        package let name: String
        package let on: Day
        package let state: State
        /// What it did, or why it failed; nil until it ended.
        package let report: String?
        /// Who started it; nil for the scheduler.
        package let startedBy: String?
        /// nil where an earlier version of the program ran it.
        package let startedAt: Instant?
        package let endedAt: Instant?
        /// Until when its server may be silent; nil where it does not run, and of an earlier moment: no lease is kept.
        package let leasedUntil: Instant?

        /// Whether it went down with its server, and nobody wrote so yet.
        package func isSilent(at now: Instant) -> Bool { leasedUntil.map { $0 < now } ?? false }
    }

    private let entity: ID<Entity>
    private let name: RunByHand.Name?
    private let state: State?
    private let days: ListFilter
    private let after: ListPlace?
    private let limit: Int
    private let id: Int64?
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - name: Only these; nil lists all.
    ///   - state: Only those in it; nil lists all.
    ///   - days: Only of these business days.
    ///   - id: Only this one.
    ///   - moment: Runs of that day or before that had begun by then, in the state they had; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ name: RunByHand.Name? = nil, _ state: State? = nil, on days: ListFilter = .none, after: ListPlace? = nil,
        limit: Int = ListLimit.page, id: Int64? = nil, at moment: ReportMoment? = nil
    ) {
        (self.name, self.state, self.days) = (name, state, days)
        (self.entity, self.after, self.limit, self.id, self.moment) = (entity, after, limit, id, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        let known = moment?.knownAt?.microseconds ?? .max
        var values: [SQLValue] = [
            .integer(entity.value), .text(moment?.asOf.iso8601 ?? "9999-12-31"), .integer(known), .text(ScheduledDays.job),
            .integer(RunID.base),
        ]
        var narrower = days.condition(day: "x.business_on", &values)
        func only(_ column: String, _ value: SQLValue?) {
            guard let value else { return }
            values.append(value)
            narrower += " AND \(column) = $\(values.count)"
        }
        only("x.id", id.map { .integer($0) })
        only("x.name", name.map { .text($0.rawValue) })
        only("CASE WHEN x.ended_at IS NOT NULL AND x.ended_at > $3 THEN 'running' ELSE x.state END", state.map { .text($0.rawValue) })
        return try .read(
            """
            SELECT x.id, x.name, x.business_on, x.state, x.report, x.started_by, x.started_at, x.ended_at, x.leased_until
              FROM (SELECT h.id, h.name, h.business_on, h.state, h.report, h.started_by, h.started_at, h.ended_at, h.leased_until
                      FROM hand_run h WHERE h.entity_id = $1
                    UNION ALL
                    SELECT CAST(replace(j.business_on, '-', '') AS BIGINT) + $5, j.name, j.business_on, j.state, j.report,
                           CAST(NULL AS TEXT), j.started_at, j.ended_at, j.leased_until
                      FROM job j WHERE j.entity_id = $1 AND j.name = $4) x
             WHERE x.business_on <= $2 AND COALESCE(x.started_at, 0) <= $3\(narrower)
            """, ListOrder("x.business_on", .text, id: "x.id", descending: true), after: after, limit: limit, values: values, in: tx
        ) { row in
            let end = row.optionalInteger(7), hasEnded = end.map { $0 <= known } ?? true
            let state: State = hasEnded ? row.word(3) : .running, isRunningNow = state == .running && known == .max
            let line = Line(
                id: row.integer(0), name: row.text(1), on: row.day(2), state: state,
                report: hasEnded ? row.optionalText(4) : nil, startedBy: row.optionalText(5),
                startedAt: row.optionalInteger(6).map { Instant(microseconds: $0) },
                endedAt: hasEnded ? end.map { Instant(microseconds: $0) } : nil,
                leasedUntil: isRunningNow ? Instant(microseconds: row.integer(8)) : nil)
            return (line, ListPlace(line.on.iso8601, line.id))
        }
    }
}

/// One run with its steps, in the order in which they began.
package struct RunView: Sendable {
    package struct Step: Sendable {
        package let name: String
        package let state: RunList.State
        package let report: String?
        package let startedAt: Instant
        package let endedAt: Instant?
    }
    package let run: RunList.Line
    package let steps: [Step]
    /// A run that began later and did the same for the same day.
    package let doneBy: Int64?

    /// - Returns: nil when there is none, or it had not begun by then.
    package static func read(_ entity: ID<Entity>, _ id: Int64, at moment: ReportMoment? = nil, in tx: any Transaction) throws -> RunView? {
        guard let run = try RunList(entity, limit: 1, id: id, at: moment).page(in: tx).rows.first else { return nil }
        let known = moment?.knownAt?.microseconds ?? .max
        let steps = try tx.rows(
            """
            SELECT step, state, report, started_at, ended_at FROM run_step
             WHERE entity_id = \(entity) AND run_id = \(id) AND started_at <= \(known) ORDER BY line
            """
        ) { row in
            let end = row.optionalInteger(4), hasEnded = end.map { $0 <= known } ?? true
            return Step(
                name: row.text(0), state: hasEnded ? row.word(1) : .running, report: hasEnded ? row.optionalText(2) : nil,
                startedAt: Instant(microseconds: row.integer(3)), endedAt: hasEnded ? end.map { Instant(microseconds: $0) } : nil)
        }
        let ofThisDay = ListFilter(from: run.on, through: run.on), began = run.startedAt?.microseconds ?? 0
        let done = try RunList(entity, RunByHand.Name(rawValue: run.name), .done, on: ofThisDay, at: moment).page(in: tx).rows
        let later = done.first { $0.name == run.name && $0.id != id && ($0.startedAt?.microseconds ?? 0) > began }
        return RunView(run: run, steps: steps, doneBy: later?.id)
    }
}

extension RunView {
    /// The steps of a run that nothing stops, in their order; a day's figures are recorded behind the scheduler's last one.
    package var planned: [RunStep.Name] {
        run.startedBy == nil ? [.billing, .cash, .dunning] : RunByHand.Name(rawValue: run.name)?.steps ?? []
    }

    /// How many steps are done since it was taken up last.
    package var doneCount: Int { latest.count { $0.state == .done } }

    /// What is planned and has not begun since it was taken up last; nothing of a run that is done.
    package var left: [RunStep.Name] {
        let begun = Set(latest.map(\.name))
        return run.state == .done ? [] : planned.filter { !begun.contains($0.rawValue) }
    }

    /// A run that is taken up again begins with its first step.
    private var latest: ArraySlice<Step> {
        let first = planned.first?.rawValue
        return steps[(steps.lastIndex { $0.name == first } ?? steps.startIndex)...]
    }
}
