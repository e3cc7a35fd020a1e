import Domain
import Foundation
import Operations
import Store

/// What a page or an act is asked: by whom, of which books, with which values of the path, the query or the form.
package struct DeskQuestion: Sendable {
    package let entity: ID<Entity>
    package let reader: DeskReader
    /// Of the request, without its query.
    package let path: String
    private var values: [(name: String, value: String)]
    private let memory: DeskMemory
    /// The file sent with the form, on disk until the act is done.
    let file: UploadedFile?

    /// - Parameters:
    ///   - values: In the order of the request; a name may come more than once, as picked rows do.
    ///   - memory: One for the whole server.
    package init(
        _ entity: ID<Entity>, _ reader: DeskReader, path: String, values: [(name: String, value: String)], file: UploadedFile? = nil,
        memory: DeskMemory, terms: DayRun.Terms = DayRun.Terms()
    ) {
        (self.entity, self.reader, self.path, self.values, self.memory, self.file) = (entity, reader, path, values, memory, file)
        self.terms = terms
    }

    /// Scheme and host of this server as the reader's browser sees them.
    var address = ""

    /// The instant, where a page tells of now rather than of a day.
    var clock: @Sendable () -> Instant = { Instant(microseconds: 0) }

    /// The settings under which the day's work runs.
    let terms: DayRun.Terms

    /// The list's order for one that reads all of its pages; nil for one that reads a page.
    private var wholeOrder: WholeOrder?

    /// Who let a kept form go on; nil for a form that was just sent.
    private(set) var approver: Role?

    package var fields: [(name: String, value: String)] { values }
    /// The reader's account, of this legal entity or of another one.
    var home: Home { reader.home ?? Home(entity, reader.person) }
    package var actor: Actor { Actor(id: reader.person, name: reader.userName, role: Role(rawValue: reader.role) ?? .viewer) }

    /// The question of a form that was kept, with a word about who let it go on.
    func repeated(_ fields: [(name: String, value: String)], by reader: DeskReader, approvedBy approver: DeskReader) -> DeskQuestion {
        let said = fields.map {
            $0.name == "reason" ? (name: $0.name, value: "\($0.value), approved by \(approver.userName)") : $0
        }
        var question = DeskQuestion(entity, reader, path: path, values: said, memory: memory, terms: terms)
        question.approver = Role(rawValue: approver.role)
        return question
    }

    /// What takes long: kept between requests; for who reads all pages of a list, counted in their own snapshot.
    ///
    /// - Parameters:
    ///   - moment: What it tells of; nil is today by what is known now.
    ///   - variant: Which list of that moment, of which one is kept.
    func kept<Value: Sendable>(
        _ what: String, at moment: ReportMoment? = nil, of variant: String = "", in tx: any Transaction, _ count: () throws -> Value
    ) throws -> Value {
        if let wholeOrder { return try wholeOrder.value(what, count) }
        guard let moment else { return try memory.value(what, entity, on: reader.today, in: tx, count) }
        let known = moment.knownAt?.iso8601 ?? "now"
        return try memory.value("\(what) then", entity, on: moment.asOf, variant: "\(known) \(variant)", in: tx, count)
    }

    /// Every row of a list of a former moment, kept for its pages; nil of now, and where the list has none.
    func rankingThen(_ what: String, in tx: any Transaction, _ count: () throws -> Ranking?) throws -> Ranking? {
        guard let pastMoment else { return nil }
        let variant = values.filter { !["after", "as_of", "known_at"].contains($0.name) }.map { "\($0.name)=\($0.value)" }
        return try kept(what, at: pastMoment, of: variant.joined(separator: "&"), in: tx, count)
    }

    func ranking(of list: some RankedList, in tx: any Transaction) throws -> Ranking? {
        if let wholeOrder { return try wholeOrder.ranking(of: list, in: tx) }
        return try memory.ranking(of: list, entity, on: reader.today, in: tx)
    }

    /// - Returns: nil where they would tell nothing of what is asked for.
    func figures(
        of list: ListFigures.List, for filter: ListFilter, or isNeeded: Bool = false, in tx: any Transaction
    ) throws -> ListFigures? {
        guard filter.isOfFigures || isNeeded else { return nil }
        if let wholeOrder {
            return try wholeOrder.value("figures of \(list.rawValue)") { try ListFigures(list, entity, in: tx) }
        }
        return try memory.figures(of: list, entity, in: tx)
    }

    /// Of documents, the settled ones alone where these are listed as they are now.
    func documentFigures(_ state: DocumentList.Filter, for filter: ListFilter, in tx: any Transaction) throws -> ListFigures? {
        let isPast = pastMoment != nil, isOfSettled = state == .settled && !isPast, isOfAll = filter.customer == nil
        guard let figures = try figures(of: .documents, for: filter, or: isOfAll && (isPast || isOfSettled), in: tx) else { return nil }
        guard isOfAll, isOfSettled else { return figures }
        guard let wholeOrder else { return figures.only(try memory.settledDocuments(of: entity, in: tx).ids) }
        return figures.only(try wholeOrder.value("settled documents") { try SettledDocuments(entity, in: tx) }.ids)
    }

    /// Of receipts, those in one state alone where no index has them.
    func receiptFigures(_ state: ReceiptList.Filter, for filter: ListFilter, in tx: any Transaction) throws -> ListFigures? {
        let wanted = filter.customer == nil && state != .unapplied ? ReceiptList.State(rawValue: state.rawValue) : nil
        guard let figures = try figures(of: .receipts, for: filter, or: wanted != nil, in: tx), let wanted else {
            return try figures(of: .receipts, for: filter, in: tx)
        }
        let states =
            try wholeOrder?.value("receipts' states") { try ReceiptStates(entity, in: tx) } ?? memory.receiptStates(of: entity, in: tx)
        return figures.only(states.ids(of: wanted))
    }

    func customerNames(in tx: any Transaction) throws -> CustomerNames { try memory.customerNames(of: entity, in: tx) }

    /// The first value of that name; nil when it is missing or empty.
    package subscript(_ name: String) -> String? { values.first { $0.name == name && !$0.value.isEmpty }?.value }
    package func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }
    /// Values whose name begins with this, by the rest of the name.
    func all(beginning prefix: String) -> [(name: String, value: String)] {
        values.compactMap { $0.name.hasPrefix(prefix) && !$0.value.isEmpty ? (String($0.name.dropFirst(prefix.count)), $0.value) : nil }
    }

    /// The same question from another place of the list; nil is its beginning.
    func from(_ place: String?) -> DeskQuestion {
        var question = self
        question.values = values.filter { $0.name != "after" } + (place.map { [("after", $0)] } ?? [])
        return question
    }

    /// The same question from the beginning of the list, by who reads all of its pages in one snapshot.
    func whole() -> DeskQuestion {
        var question = from(nil)
        question.wholeOrder = WholeOrder()
        return question
    }

    func id<Of>(_ name: String = "id") -> ID<Of>? { self[name].flatMap { Int64($0) }.map { ID($0) } }

    var asOf: Day { self["as_of"].flatMap { Day($0) } ?? reader.today }
    var knownAt: Instant? { self["known_at"].flatMap { Instant($0) } }
    var moment: ReportMoment { ReportMoment(entity, asOf: asOf, knownAt: knownAt) }

    /// nil where a page is asked for today by what is known now.
    var pastMoment: ReportMoment? { knownAt == nil && asOf == reader.today ? nil : moment }

    /// Where a figure's items are found: of today too, as the figure is, where something is booked ahead that it leaves out.
    func figureMoment(in tx: any Transaction) throws -> ReportMoment? {
        if let pastMoment { return pastMoment }
        return try moment.isCurrent(in: tx) ? nil : moment
    }

    /// Names of the days, amounts and currencies that its page or act reads, in the order of their fields.
    private var checked: [String] = []

    func reading(_ names: [String]) -> DeskQuestion {
        var question = self
        question.checked = names
        return question
    }

    /// What is read and cannot be, each with what to write: the page shows what it shows without it, and tells it beside its field.
    var unreadable: [FieldsRefusal.Fault] {
        checked.compactMap { name in
            self[name].flatMap { fault(of: $0, in: name) }.map { FieldsRefusal.Fault(name, $0) }
        }
    }

    private func fault(of text: String, in name: String) -> String? {
        let cut = String(text.prefix(40))
        func noDay(_ shown: String) -> String { "“\(cut)” is no day: write it as \(reader.today.iso8601); \(shown)" }
        switch name {
        case "as_of": return Day(text) == nil ? noDay("it shows today") : nil
        case "known_at": return Instant(text) == nil ? noDay("it shows what is known now") : nil
        case "from":
            let isOfList = checked.contains("through")
            return Day(text) == nil ? noDay(isOfList ? "it lists from the first day on" : "it begins with the first entry") : nil
        case "through": return Day(text) == nil ? noDay("it lists through the last day") : nil
        case "at_least", "at_most":
            guard minor(name) == nil else { return nil }
            return "\(FormRefusal.notAnAmount(cut, currencyOfAmounts).message); it lists every amount"
        case "currency":
            guard currencyAsked == nil else { return nil }
            return "“\(cut)” is no currency: write its three letters, such as \(currencyOfAmounts.code); it lists as if none was given"
        default: return nil
        }
    }

    /// A file has no place to say that something could not be read: the page is shown instead.
    package var isExport: Bool { self["format"] == "csv" && unreadable.isEmpty }
    var after: ListPlace? { self["after"].flatMap { ListPlace($0) } }
    var limit: Int { isExport ? ListLimit.export : ListLimit.page }

    /// nil when no order of this list is asked for.
    func sort<Order>(_: Order.Type = Order.self) -> ListSort<Order>? { self["sort"].flatMap { ListSort($0) } }

    /// The rows of this page, of so many that are in memory, and where the next one begins: how many rows came before and the name of the
    /// last of them. A page goes on behind that one wherever it has moved since; behind the last page stands the last.
    func rows(of count: Int, named name: (Int) -> String) -> (shown: Range<Int>, next: String?) {
        let parts = (self["after"] ?? "").split(separator: "~", maxSplits: 1).map(String.init)
        let asked = min(max(parts.first.flatMap { Int($0) } ?? 0, 0), count), last = parts.count == 2 ? parts[1] : nil
        let isThere = last.map { asked > 0 && name(asked - 1) == $0 } ?? true
        let begun = isThere ? asked : (0..<count).first { name($0) == last }.map { $0 + 1 } ?? asked
        let first = begun < count ? begun : max(count - 1, 0) / limit * limit, end = min(first + limit, count)
        return (first..<end, end < count ? "\(end)~\(name(end - 1))" : nil)
    }

    /// Where a list stands, with the filters it was asked for.
    func place(sort: String? = nil, keeping names: [String] = [], next: String? = nil) -> ListLink {
        var place = ListLink(path: path, filters: names.compactMap { name in self[name].map { (name, $0) } }, sort: sort)
        (place.next, place.isFirst) = (next, self["after"] == nil)
        return place
    }
}

/// What a list is sorted by, as an address says it: `amount`, or `-amount` the other way round.
struct ListSort<Order: RawRepresentable & Sendable>: Sendable where Order.RawValue == String {
    let order: Order
    let isReversed: Bool
    init(_ order: Order, reversed: Bool = false) { (self.order, isReversed) = (order, reversed) }
    init?(_ text: String) {
        let isReversed = text.hasPrefix("-")
        guard let order = Order(rawValue: isReversed ? String(text.dropFirst()) : text) else { return nil }
        self.init(order, reversed: isReversed)
    }
    var text: String { (isReversed ? "-" : "") + order.rawValue }
}

/// The books an act works on: each `write` is one transaction.
package struct DeskBooks: Sendable {
    package let database: any Database
    package let entity: ID<Entity>
    package let terms: DayRun.Terms
    package let clock: @Sendable () -> Instant
    /// The business day of every page and act; nil follows the clock.
    private let businessDay: Day?
    private let importer: @Sendable (ImportKind, UploadedFile, ID<Entity>, Role) async throws -> ImportOutcome
    package init(
        _ database: any Database, _ entity: ID<Entity>, _ terms: DayRun.Terms, clock: @escaping @Sendable () -> Instant,
        on businessDay: Day? = nil,
        importFile: @escaping @Sendable (ImportKind, UploadedFile, ID<Entity>, Role) async throws -> ImportOutcome
    ) {
        (self.database, self.entity, self.terms, self.clock, self.businessDay) = (database, entity, terms, clock, businessDay)
        importer = importFile
    }

    /// Where passwords are hashed.
    private(set) var hashing: Hashing = { try $0() }
    private(set) var note: ActNote?
    private var isNotedBehind = false
    private var first: (@Sendable (any Transaction, Instant) throws -> String)?
    /// Keeps the answer to a program in the transaction of what it does.
    private(set) var keep: @Sendable (JSON, any Transaction, Instant) throws -> Void = { _, _, _ in }
    /// Between two words of work in several transactions that it lives: a third of its lease.
    static let pause: @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(10)) }

    /// The same of another legal entity, whose audit log is another one.
    func of(_ entity: ID<Entity>) -> DeskBooks {
        guard entity != self.entity else { return self }
        return DeskBooks(database, entity, terms, clock: clock, on: businessDay, importFile: importer)
    }

    func hashing(by hashing: @escaping Hashing) -> DeskBooks {
        var books = self
        books.hashing = hashing
        return books
    }

    /// - Parameter isBehind: Whether the note is left behind the act, which takes several transactions, instead of in its first one.
    func noting(_ note: ActNote, behind isBehind: Bool = false) -> DeskBooks {
        var books = self
        (books.note, books.isNotedBehind) = (note, isBehind)
        return books
    }

    func keeping(_ keep: @escaping @Sendable (JSON, any Transaction, Instant) throws -> Void) -> DeskBooks {
        var books = self
        books.keep = keep
        return books
    }

    /// Does this before the act, in its transaction.
    ///
    /// - Parameter first: Returns what the audit log says of it.
    func after(_ first: @escaping @Sendable (any Transaction, Instant) throws -> String) -> DeskBooks {
        var books = self
        books.first = first
        return books
    }

    /// Takes a file in, as the command line does, as far as that role may.
    package func importFile(_ kind: ImportKind, _ file: UploadedFile, by role: Role) async throws -> ImportOutcome {
        try await importer(kind, file, entity, role)
    }

    package var today: Day { businessDay ?? Day(number: Int(clock().microseconds / 86_400_000_000)) }

    /// - Parameter told: What the audit log says besides what was sent: how it stood before.
    func write<Value: Sendable>(
        telling told: @escaping @Sendable (Value) -> String = { _ in "" },
        _ body: @escaping @Sendable (any Transaction, Instant) throws -> Value
    ) async throws -> Value {
        let now = clock(), entity = entity, first = first, note = note.flatMap { $0.isWritten || isNotedBehind ? nil : $0 }
        let value = try await database.write(entity: entity) { tx in
            let said = try first?(tx, now) ?? "", value = try body(tx, now)
            try note?.write(entity, adding: [said, told(value)], in: tx, at: now)
            return value
        }
        note?.markWritten()
        return value
    }
    func day(_ on: Day) -> DayRun { DayRun(database, entity, on: on, terms, clock: clock) }
}

package struct UploadedFile: Sendable {
    /// As the reader's machine calls it: shown, never used as a path.
    package let name: String
    package let path: String
    package init(name: String, path: String) { (self.name, self.path) = (name, path) }

    func remove() { unlink(path) }
}

package enum ImportKind: String, CaseIterable, Sendable {
    case bank, remittance, orders, customers, invoices

    /// Open items of a former system are taken at their word, credits too, and nobody approves them afterwards.
    var right: Role.Right { self == .invoices ? .control : .work }
}

/// What an import did, in the words of its page.
package struct ImportOutcome: Sendable {
    package let facts: [(name: String, value: String)]
    package let findings: [String]
    package init(_ facts: [(name: String, value: String)], findings: [String]) { (self.facts, self.findings) = (facts, findings) }
}

/// What becomes of an act: another page with a word about it, or a page of its own.
package enum DeskOutcome: Sendable {
    /// The link leads to what was done.
    case done(String, then: String, link: (text: String, to: String)? = nil)
    case page(PageBody)
    /// The reader goes on in another session, by its token.
    case session(String, String, then: String)
}

/// A business "no" to what a form says.
enum FormRefusal: Refusal {
    case missing(String)
    /// Nothing was picked where something must be.
    case unpicked(String)
    /// It is said how a message was dealt with, and it is sent again.
    case ofSettled
    case noRoom(String)
    /// A field holds a line end or another control character.
    case notOnOneLine(String)
    /// Its page was opened in another session.
    case tooOld
    case notAnAmount(String, Currency)
    case unknown(String)

    var category: RefusalCategory {
        switch self {
        case .missing, .unpicked, .ofSettled, .notAnAmount, .notOnOneLine: .invalid
        case .noRoom, .tooOld: .conflict
        case .unknown: .missing
        }
    }
    var code: String {
        switch self {
        case .missing, .unpicked: "field_missing"
        case .ofSettled: "field_invalid"
        case .noRoom: "no_room"
        case .notOnOneLine: "control_character"
        case .tooOld: "form_too_old"
        case .notAnAmount: "amount_unreadable"
        case .unknown: "not_found"
        }
    }
    var message: String {
        switch self {
        case .missing(let name): "fill in: \(name)"
        case .unpicked(let what): "pick \(what)"
        case .ofSettled: "this is of what is settled: settle it, or empty the field to send it again"
        case .notOnOneLine(let name):
            "\(name.replacing("_", with: " ")) holds a line end or another control character: write it on one line"
        case .tooOld: "you signed in again since this page was opened: look at it, then send it again"
        case .noRoom(let file): "there is no room on the server's disk for \(file)"
        case .notAnAmount(let text, let currency):
            "“\(text)” is no amount in \(currency.code): write it as \(["1234", "1234.5", "1234.50", "1234.500", "1234.5000"][currency.exponent])"
        case .unknown(let what): "\(what) does not exist"
        }
    }
}

/// What a person typed, in the minor units of that currency; nil for what is none, or may be one of two.
func amount(_ text: String, _ currency: Currency) -> Money? {
    TypedAmount(text)?.minor(currency).map { Money(minor: $0, currency) }
}
