import Domain
import Operations
import Store

/// The figures of a day, and how they ran over time.
extension Endpoint {
    private static let position = Schema.object([
        .init("bank", .money), .init("unapplied", .money), .init("receivables", .money), .init("not_due", .money), .init("overdue", .money),
        .init("credits", .money),
    ])
    private static let waiting = Schema.object([.init("count", .integer(0...Int64.max / 2)), .init("total", .money)])
    private static let currencies = Currency.codes.count
    private static let day = Schema.object([
        .init("on", .day), .init("positions", .array(position, max: currencies)),
        .init("receipts_waiting", .array(waiting, max: currencies)), .init("orders_held", .array(waiting, max: currencies)),
        .init("approvals_waiting", .integer(0...Int64.max / 2)),
        .init("bank_feeds", .array(.object([.init("account", .text()), .init("through", .day)]), max: 10_000)),
        .init("mail_waiting", .integer(0...Int64.max / 2)), .init("mail_failed", .integer(0...Int64.max / 2)),
        .init("mail_last_error", .optional(.prose(max: 10_000))),
        .init("webhooks_resting", .array(.object([.init("id", .text()), .init("url", .text(max: WebAddress.limit))]), max: 1_000)),
    ])
    private static let days = Schema.optional(.integer(-(1 << 53)...1 << 53))
    private static let figure = Schema.object([
        .init("currency", .currency), .init("on", .day), .init("period_days", .integer(1...100_000)), .init("opening", .money),
        .init("credit_sales", .money), .init("closing", .money), .init("closing_current", .money), .init("dso_centidays", days),
        .init("bpdso_centidays", days), .init("add_centidays", days),
    ])

    static let today: [Endpoint] = [
        Endpoint(
            get: "/v1/today", "The cash position by currency, and what needs a person",
            at: .told(
                "positions, waiting receipts, held orders and approvals of that moment; bank feeds, mail and webhooks as they are now"),
            answer: day
        ) { asked, tx in
            let figures = try TodayFigures.read(asked.moment, isNow: asked.askedMoment == nil, in: tx)
            return json(figures, try Attention.read(asked.entity, in: tx))
        }
    ]

    static let figures: [Endpoint] = [
        Endpoint(
            get: "/v1/figures",
            "The balances behind DSO and its kin as the run of each day kept them; centidays are hundredths of a day",
            query: [
                .init("from", .day, "only from this day on; of the year to the last day when left out"),
                .init("through", .day, "only through this day"), .init("currency", .currency, "only in this currency"), .after, .limit,
            ],
            at: .told("days through that one whose end was known then; a day that was kept again has its later balances"),
            answer: .page(figure)
        ) { asked, tx in
            let moment = asked.moment, days = asked.filter
            let through = [moment.asOf, moment.lastDayOver, days.through].compactMap { $0 }.min() ?? moment.asOf
            let points = try FigureHistory(asked.entity, from: days.from, through: through, in: days.currency).page(
                after: asked.after, limit: asked.limit, in: tx)
            return points.json { point in
                [
                    "currency": .text(point.period.closing.currency.code), "on": JSON(point.on),
                    "period_days": .integer(Int64(point.period.days)), "opening": JSON(point.period.opening),
                    "credit_sales": JSON(point.period.creditSales), "closing": JSON(point.period.closing),
                    "closing_current": JSON(point.period.closingCurrent),
                    "dso_centidays": point.period.dsoCentiDays.map(JSON.integer) ?? .null,
                    "bpdso_centidays": point.period.bpdsoCentiDays.map(JSON.integer) ?? .null,
                    "add_centidays": point.period.addCentiDays.map(JSON.integer) ?? .null,
                ]
            }
        },
        Endpoint(
            get: "/v1/seals", "The chain of seals, the latest first: whoever keeps its head elsewhere can tell a forgery",
            query: .days("day of recording, UTC,") + [.after, .limit],
            at: .told("seals of that day or before that stood by then"),
            answer: .page(
                .object([.init("through", .integer(0...1 << 53)), .init("recorded_at", .instant), .init("hash", .text())]))
        ) { asked, tx in
            try SealList(asked.entity, on: asked.filter, after: asked.after, limit: asked.limit, at: asked.askedMoment).page(in: tx).json {
                ["through": .integer($0.throughID), "recorded_at": .text($0.recordedAt.iso8601), "hash": .text($0.hash)]
            }
        },
    ]

    private static func json(_ figures: TodayFigures, _ attention: Attention) -> JSON {
        func waits(_ waiting: [TodayFigures.Waiting]) -> JSON {
            .array(waiting.map { ["count": .integer(Int64($0.count)), "total": JSON($0.total)] })
        }
        let positions = figures.positions.map { position -> JSON in
            let row = position.receivables
            return [
                "bank": JSON(position.bank), "unapplied": JSON(position.unapplied), "receivables": JSON(row.total),
                "not_due": JSON(row.current), "overdue": JSON(row.total - row.credits - row.current), "credits": JSON(row.credits),
            ]
        }
        return [
            "on": JSON(figures.on), "positions": .array(positions), "receipts_waiting": waits(figures.receipts),
            "orders_held": waits(figures.orders), "approvals_waiting": .integer(Int64(figures.approvalCount)),
            "bank_feeds": .array(attention.feeds.map { ["account": .text($0.account), "through": JSON($0.through)] }),
            "mail_waiting": .integer(Int64(attention.mail.waiting)), "mail_failed": .integer(Int64(attention.mail.dead)),
            "mail_last_error": JSON(attention.mail.lastError),
            "webhooks_resting": .array(
                attention.restingWebhooks.map { ["id": .text(PrefixedID.text("whk", $0.id.value)), "url": .text($0.url)] }),
        ]
    }
}
