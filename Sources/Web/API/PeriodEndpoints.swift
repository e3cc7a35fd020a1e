import Domain
import Operations
import Store

/// Days that are closed for booking.
extension Endpoint {
    private static let period = Schema.object([.init("ends_on", .day), .init("closed_at", .instant)])
    private static let list = Schema.object([.init("rows", .array(period, max: 10_000))])

    static let periods: [Endpoint] = [
        Endpoint(
            get: "/v1/periods", "Periods that were closed, the latest first",
            at: .told("those that ended by that day and were closed by then"),
            answer: list
        ) { asked, tx in try json(asked, tx) },
        Endpoint(
            post: "/v1/periods",
            "Closes every day through one that is over: nothing is booked on them any more, and what comes late is booked on the day after",
            .control, body: .object([.init("ends_on", .day)]), answer: list
        ) { asked, tx, now in
            try ClosePeriod(asked.entity, through: asked.day("ends_on"), today: asked.today).run(in: tx, at: now)
            return try json(asked, tx)
        },
    ]

    private static func json(_ asked: APIQuestion, _ tx: any Transaction) throws -> JSON {
        let periods = try PeriodList(asked.moment).run(in: tx)
        return ["rows": .array(periods.map { ["ends_on": JSON($0.endsOn), "closed_at": .text($0.closedAt.iso8601)] })]
    }
}
