import Domain
import Operations
import Store

/// One act or reading of the API: the routes, the OpenAPI document, the reference page and the matrix of who may do what all come from the
/// table of these. Adding one is adding an entry.
package struct Endpoint: Sendable {
    package struct Parameter: Sendable {
        package let name: String
        package let schema: Schema
        package let about: String
        package init(_ name: String, _ schema: Schema, _ about: String) {
            (self.name, self.schema, self.about) = (name, schema, about)
        }
    }
    /// What a reading tells of the moment that `as_of` and `known_at` name.
    package struct Moment: Sendable {
        package let what: String
        package static func told(_ what: String) -> Moment {
            Moment(what: what)
        }
    }
    package enum Effect: Sendable {
        /// Reads one snapshot.
        case read(@Sendable (APIQuestion, any Transaction) throws -> JSON?)
        /// Reads one snapshot as a table of typed columns.
        case report(@Sendable (APIQuestion, any Transaction) throws -> ReportTable?)
        /// One transaction, kept with its idempotency key.
        case write(@Sendable (APIQuestion, any Transaction, Instant) throws -> JSON)
        /// The same, with other requests for orders that wait beside it.
        case orders(@Sendable (APIQuestion) -> [OrderIntake], @Sendable (APIQuestion, [OrderRequest.Outcome]) -> JSON)
        /// The same, of a thing that stands at the same path: `If-Match` names the version that was read.
        case change(@Sendable (APIQuestion, any Transaction, Instant) throws -> JSON)
        /// Work of several transactions, each resumable.
        case run(@Sendable (APIQuestion, DeskBooks) async throws -> JSON)
    }

    package let method: String
    /// `/v1/receipts/{id}/apply`; `{id}` of the prefix in `idPrefix`, any other part is a text.
    package let path: String
    package let summary: String
    package let right: Role.Right
    package var idPrefix: String?
    package var query: [Parameter] = []
    package var body: Schema?
    package let answer: Schema
    package internal(set) var effect: Effect
    /// nil for an act.
    package var moment: Moment?
    /// What stands before the act, for the audit log; nil where nothing does.
    package private(set) var before: (@Sendable (APIQuestion, any Transaction) throws -> JSON?)?
    /// Says what waits for a second person, where the body asks for one; nil lets the act go on.
    private(set) var second: (@Sendable (APIQuestion, any Transaction, Instant) throws -> SecondPerson?)?
    /// Its items may also come as lines; nil where they may not.
    package internal(set) var bulk: Bulk?
    /// Takes a file as its body instead of JSON.
    package var takesFile = false
    /// What a file may be called in Content-Type; its content alone tells its format.
    package static let fileTypes = [
        "application/octet-stream", "application/xml", "text/plain", "text/csv", "text/xml", "application/gzip", "application/zip",
        "application/pdf",
    ]
    /// What its body may be called in Content-Type.
    var mediaTypes: [String] { takesFile ? Self.fileTypes : ["application/json"] + (bulk == nil ? [] : Bulk.types) }
    /// Whether its rows may be had as CSV or JSON lines: those of a report, and of an answer that is nothing but rows.
    package var hasRows: Bool { if case .report = effect { true } else { method == "GET" && answer.rows != nil } }

    init(
        get path: String, _ summary: String, _ right: Role.Right = .read, id: String? = nil, query: [Parameter] = [],
        at moment: Moment, answer: Schema, _ read: @escaping @Sendable (APIQuestion, any Transaction) throws -> JSON?
    ) {
        (method, self.path, self.summary, self.right, idPrefix, self.query, self.answer, effect, self.moment) = (
            "GET", path, summary, right, id, [.asOf, .knownAt] + query, answer, .read(read), moment
        )
    }

    /// - Parameters:
    ///   - columns: Of every table that `read` answers.
    ///   - beginning: As in `ReportTable.schema`.
    init(
        report path: String, _ summary: String, query: [Parameter] = [], at moment: Moment, columns: [ReportTable.Column],
        beginning: [String] = [], _ read: @escaping @Sendable (APIQuestion, any Transaction) throws -> ReportTable?
    ) {
        (method, self.path, self.summary, right, self.query, answer, effect, self.moment) = (
            "GET", path, summary, .read, [.asOf, .knownAt] + query, ReportTable.schema(columns, beginning: beginning), .report(read),
            moment
        )
    }

    init(
        post path: String, _ summary: String, _ right: Role.Right, id: String? = nil, body: Schema, answer: Schema,
        _ write: @escaping @Sendable (APIQuestion, any Transaction, Instant) throws -> JSON
    ) {
        (method, self.path, self.summary, self.right, idPrefix, self.body, self.answer, effect) = (
            "POST", path, summary, right, id, body, answer, .write(write)
        )
    }

    init(
        orders path: String, _ summary: String, _ right: Role.Right, body: Schema, answer: Schema,
        _ read: @escaping @Sendable (APIQuestion) -> [OrderIntake],
        _ told: @escaping @Sendable (APIQuestion, [OrderRequest.Outcome]) -> JSON
    ) {
        (method, self.path, self.summary, self.right, self.body, self.answer, effect) = (
            "POST", path, summary, right, body, answer, .orders(read, told)
        )
    }

    init(
        run path: String, _ summary: String, _ right: Role.Right, id: String? = nil, body: Schema, answer: Schema,
        _ run: @escaping @Sendable (APIQuestion, DeskBooks) async throws -> JSON
    ) {
        (method, self.path, self.summary, self.right, idPrefix, self.body, self.answer, effect) = (
            "POST", path, summary, right, id, body, answer, .run(run)
        )
    }

    init(
        put path: String, _ summary: String, _ right: Role.Right, id: String? = nil, body: Schema, answer: Schema,
        _ change: @escaping @Sendable (APIQuestion, any Transaction, Instant) throws -> JSON
    ) {
        (method, self.path, self.summary, self.right, idPrefix, self.body, self.answer, effect) = (
            "PUT", path, summary, right, id, body, answer, .change(change)
        )
    }

    func noting(before: @escaping @Sendable (APIQuestion, any Transaction) throws -> JSON?) -> Endpoint {
        var endpoint = self
        endpoint.before = before
        return endpoint
    }

    /// - Parameter rule: Of a body with `ask`.
    func withSecond(_ rule: @escaping @Sendable (APIQuestion, any Transaction, Instant) throws -> SecondPerson?) -> Endpoint {
        var endpoint = self
        endpoint.second = rule
        return endpoint
    }

    /// The reading of the same path.
    package var twin: Endpoint? { Self.all.first { $0.path == path && $0.method == "GET" } }

    package static let all =
        customers + identities + collections + messages + orders + orderDecisions + orderFacts + documents + documentFacts + openItems
        + slices + receipts + receiptFacts + statements + remittances + takeFiles + search + today + reports + figures + periods + runs
        + checks + approvals + events + webhooks + audit + people
}

/// What a request asks: its path's values, its query, its body.
package final class APIQuestion: Sendable {
    package let entity: ID<Entity>
    package let actor: Actor
    package let today: Day
    package let path: [String: String]
    package let query: [String: String]
    package let body: JSON
    package let terms: DayRun.Terms
    /// One for the whole server.
    let memory: DeskMemory
    /// The body as it is written, where that is known already.
    let written: [UInt8]?
    /// A file that came as the body, on disk.
    package let file: UploadedFile?
    /// Rows for a file: every one, unless `limit` is given.
    package let isExport: Bool

    init(
        entity: ID<Entity>, actor: Actor, today: Day, path: [String: String], query: [String: String], body: JSON, terms: DayRun.Terms,
        memory: DeskMemory, written: [UInt8]? = nil, file: UploadedFile? = nil, isExport: Bool = false
    ) {
        (self.entity, self.actor, self.today, self.path, self.query, self.body) = (entity, actor, today, path, query, body)
        (self.terms, self.memory, self.written, self.file, self.isExport) = (terms, memory, written, file, isExport)
    }

    /// The same with another value of one parameter.
    func asking(_ name: String, _ value: String) -> APIQuestion {
        APIQuestion(
            entity: entity, actor: actor, today: today, path: path, query: query.merging([name: value]) { $1 }, body: body, terms: terms,
            memory: memory, written: written, file: file, isExport: isExport)
    }

    /// The body as the audit log keeps it; the query of a webhook's address may hold a key.
    var excerpt: String {
        if let url = body["url"]?.text { return (["url": .text(WebhookTarget.shown(url))] as JSON).excerpt }
        return written.map(auditText) ?? body.excerpt
    }
    /// The path's id, or the noun is not there.
    func id<Of>(_ prefix: String) throws -> ID<Of> {
        guard let text = path["id"], let id = PrefixedID.id(prefix, text) else { throw APIRefusal.notFound(path["id"] ?? "") }
        return ID(id)
    }
    var moment: ReportMoment {
        let known = query["known_at"].flatMap { Instant($0) }
        return ReportMoment(entity, asOf: query["as_of"].flatMap { Day($0) } ?? today, knownAt: known)
    }
    /// nil where the request names none: then what stands now is told.
    var askedMoment: ReportMoment? { query["as_of"] == nil && query["known_at"] == nil ? nil : moment }
    /// The path's values, as the audit log has them before the body.
    var place: String { path.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined() }
    /// The filters of a list that the query holds.
    var filter: ListFilter {
        func minor(_ name: String) -> Int64? { query[name].flatMap { Int64($0) } }
        return ListFilter(
            customer: query["customer_number"], from: query["from"].flatMap { Day($0) }, through: query["through"].flatMap { Day($0) },
            atLeastMinor: minor("at_least_minor"), atMostMinor: minor("at_most_minor"),
            currency: query["currency"].flatMap { Currency($0) })
    }
    /// What of these the query names; nil where it names none.
    func word<Word: RawRepresentable>(_ name: String, _: Word.Type = Word.self) -> Word? where Word.RawValue == String {
        query[name].flatMap { Word(rawValue: $0) }
    }
    var after: ListPlace? { query["after"].flatMap { ListPlace($0) } }
    var limit: Int { query["limit"].flatMap { Int($0) } ?? (isExport ? ListLimit.export : ListLimit.page) }
    func day(_ name: String) -> Day { body[name]?.text.flatMap { Day($0) } ?? today }
    func money(_ value: JSON?) -> Money? {
        guard let minor = value?["minor"]?.integer, let currency = value?["currency"]?.text.flatMap({ Currency($0) }) else { return nil }
        return Money(minor: minor, currency)
    }
}

enum APIRefusal: Refusal {
    case notFound(String)
    case noEffect(String)
    case dayAhead(Day)
    /// A customer's member that is of the right shape, and wrong.
    case customer(field: String, String)
    case unsortedBuckets
    var category: RefusalCategory {
        switch self {
        case .notFound: .missing
        case .noEffect: .conflict
        case .dayAhead, .customer, .unsortedBuckets: .invalid
        }
    }
    var code: String {
        switch self {
        case .notFound: "not_found"
        case .noEffect: "conflict"
        case .dayAhead: "run_day_ahead"
        case .customer: "customer_invalid"
        case .unsortedBuckets: "buckets_unsorted"
        }
    }
    var message: String {
        switch self {
        case .notFound(let what): "\(what.isEmpty ? "it" : what) does not exist"
        case .noEffect(let why): why
        case .dayAhead(let today): "a run is of a day that has begun: \(today.iso8601), UTC, or before"
        case .customer(let field, let fault): "\(field): \(fault)"
        case .unsortedBuckets: "buckets: write each bound once, the smallest first, such as 0,30,60,90"
        }
    }
}

extension Endpoint.Parameter {
    static let asOf = Endpoint.Parameter("as_of", .day, "the business day the answer is about; today when left out")
    static let knownAt = Endpoint.Parameter("known_at", .instant, "what was known by then; everything when left out")
    static let customer = Endpoint.Parameter("customer_number", .number, "only this customer's")

    /// `state` with every word of a list's filter.
    ///
    /// - Parameter unsaid: What is listed when it is left out, in words.
    static func state<Words: CaseIterable & RawRepresentable>(_: Words.Type, _ unsaid: String = "all") -> Endpoint.Parameter
    where Words.RawValue == String {
        only("state", Words.self, "only these; \(unsaid) when left out")
    }
    /// One word of those that there are.
    static func only<Words: CaseIterable & RawRepresentable>(
        _ name: String, _: Words.Type, _ about: String = "only these; all when left out"
    ) -> Endpoint.Parameter where Words.RawValue == String {
        Endpoint.Parameter(name, .choice(Words.allCases.map(\.rawValue)), about)
    }
}

extension [Endpoint.Parameter] {
    static func days(_ which: String) -> [Endpoint.Parameter] {
        [
            Endpoint.Parameter("from", .day, "only from this \(which) on"),
            Endpoint.Parameter("through", .day, "only through this \(which)"),
        ]
    }
    static func amounts(_ which: String) -> [Endpoint.Parameter] {
        let minor = Schema.integer(-Money.entryBound...Money.entryBound)
        return [
            Endpoint.Parameter("at_least_minor", minor, "only with \(which) of so many minor units or more"),
            Endpoint.Parameter("at_most_minor", minor, "only with \(which) of so many minor units or less"),
            Endpoint.Parameter("currency", .currency, "only in this currency"),
        ]
    }
}

extension Endpoint.Parameter {
    static let after = Endpoint.Parameter("after", .place, "`next` of the page before")
    static let limit = Endpoint.Parameter("limit", .integer(1...200), "rows on a page; 50 when left out, of CSV and JSON lines every one")
}

extension Schema {
    /// The rows of an answer that tells nothing else but where the next ones begin: the member's name and what a row holds.
    var rows: (name: String, fields: [Field])? {
        guard case .object(let members) = self else { return nil }
        let told = members.filter { $0.name != "next" && $0.name != "cursor" }
        guard told.count == 1, case .array(.object(let fields), _, _) = told[0].schema else { return nil }
        return (told[0].name, fields)
    }

    /// A page of a list: `next` is null on the last.
    static func page(_ row: Schema) -> Schema {
        .object([Field("rows", .array(row, max: 10_000)), Field("next", .optional(.place))])
    }
}

extension ListPage {
    func json(_ map: (Row) -> JSON) -> JSON { ["rows": .array(rows.map(map)), "next": JSON(next?.text)] }
}
