import Connectors
import Domain
import Formats
import Foundation
import Operations
import TOMLKit

/// The settings of `florin.toml`. Every key is optional; an unknown key or a wrong value is refused with its line.
struct Configuration: Sendable {
    var database = "florin.sqlite"
    var entity: Int64? = 1
    /// The numbers that a legal entity may have.
    static let entities = 1...Int64(1) << 52
    var terms = DayRun.Terms()
    /// What documents and letters say of legal entity `entity`, whose name and country are in the books; nil leaves what the books say.
    var seller: Party?
    var mailFrom = "billing@example.com"
    var mailer = Mailer.folder("mail")
    var schedule = ScheduleTerms()
    /// Hosts that webhooks may reach although their addresses are private.
    var egressAllowed: Set<String> = []
    /// How the CSV files of banks are read, each by the columns that it has.
    var statementTables: [StatementTable] = []

    /// - Parameter path: nil takes `florin.toml` where it exists.
    static func load(_ path: String?) throws -> Configuration {
        let file = path ?? "florin.toml"
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
        guard path != nil || isThere else { return Configuration() }
        guard isThere else { throw Failure("\(file): there is no such file") }
        guard !isFolder.boolValue else { throw Failure("\(file): is a folder; name the file of the settings in it") }
        do {
            return try Configuration(text: try String(contentsOfFile: file, encoding: .utf8), file: file)
        } catch let failure as Failure { throw failure } catch {
            throw Failure("\(file): cannot be read: \(error.localizedDescription)")
        }
    }

    private init() {}

    init(text: String, file: String) throws {
        let table: TOMLTable
        do { table = try TOMLTable(string: text) } catch let error as TOMLParseError {
            throw Failure("\(file), line \(error.source.begin.line): \(error.description)")
        }
        let reader = ConfigurationReader(text: text, file: file, table: table)
        try reader.allow(
            "", ["database", "entity", "seller", "bank", "cash", "orders", "dunning", "mail", "webhooks", "schedule", "write_off"])
        try reader.allow(
            "cash", ["tolerance_minor", "policy", "propose", "minimum_score", "minimum_margin", "tolerances", "weights", "rule"])
        try reader.allow("bank", ["csv"])
        statementTables = try reader.statementTables()
        try reader.allow("orders", ["release_alone_minor", "overdue_days", "overdue_minor"])
        terms.releaseAloneMinor = try reader.integer("orders", "release_alone_minor", 0...Money.entryBound) ?? terms.releaseAloneMinor
        let overdueMinor = try reader.integer("orders", "overdue_minor", 1...Money.entryBound)
        if let days = try reader.integer("orders", "overdue_days", 1...3650) {
            terms.overdueHold = OverdueHold(days: Int(days), minor: overdueMinor ?? 1)
        } else if overdueMinor != nil {
            throw reader.fault("overdue_minor", "holds no order by itself: write overdue_days too", of: "orders")
        }
        terms.writeOff = try reader.writeOff()
        try reader.allow("dunning", ["minimum_minor", "feed_age_days", "feed_required", "level"])
        try reader.allow("mail", ["from", "folder", "smtp", "user", "password", "tls"])
        try reader.allow("webhooks", ["allowed_hosts"])
        try reader.allow("schedule", ["day_at", "lease_seconds"])
        schedule.dayAtMinute = try reader.minute("schedule", "day_at") ?? schedule.dayAtMinute
        schedule.leaseSeconds = try reader.integer("schedule", "lease_seconds", 5...3_600) ?? schedule.leaseSeconds
        egressAllowed = Set(try reader.text("webhooks", "allowed_hosts")?.split(separator: " ").map(String.init) ?? [])
        database = try reader.text("", "database") ?? database
        entity = try reader.integer("", "entity", Self.entities) ?? entity
        seller = try reader.seller()
        terms.toleranceMinor = try reader.integer("cash", "tolerance_minor", 0...1_000_000) ?? 0
        terms.policy = try reader.policy()
        terms.ladder.minimumMinor = try reader.integer("dunning", "minimum_minor", 0...Money.entryBound) ?? terms.ladder.minimumMinor
        terms.ladder.feedAgeDays = Int(try reader.integer("dunning", "feed_age_days", 0...365) ?? Int64(terms.ladder.feedAgeDays))
        terms.ladder.requiresFeed = try reader.flag("dunning", "feed_required") ?? terms.ladder.requiresFeed
        if let levels = try reader.levels() { terms.ladder.levels = levels }
        mailFrom = try reader.sender() ?? mailFrom
        mailer = try reader.mailer() ?? mailer
    }
}

/// When the day's work begins, and how long a silent server keeps it.
struct ScheduleTerms: Sendable {
    /// Minutes after midnight, UTC.
    var dayAtMinute: Int64 = 300
    var leaseSeconds = JobLease.seconds
}
