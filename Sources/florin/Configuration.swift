import Connectors
import Domain
import Foundation
import Operations
import TOMLKit

/// The settings of `florin.toml`. Every key is optional; an unknown key or a wrong value is refused with its line.
struct Configuration: Sendable {
    var database = "florin.sqlite"
    var entity: Int64? = 1
    var terms = DayRun.Terms()
    var mailFrom = "billing@example.com"
    var mailer = Mailer.folder("mail")
    var schedule = ScheduleTerms()
    /// Hosts that webhooks may reach although their addresses are private.
    var egressAllowed: Set<String> = []

    /// - Parameter path: nil takes `florin.toml` where it exists.
    static func load(_ path: String?) throws -> Configuration {
        let file = path ?? "florin.toml"
        guard path != nil || FileManager.default.fileExists(atPath: file) else { return Configuration() }
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
        try reader.allow("", ["database", "entity", "cash", "orders", "dunning", "mail", "webhooks", "schedule", "write_off"])
        try reader.allow("cash", ["tolerance_minor", "policy", "propose"])
        try reader.allow("orders", ["release_alone_minor", "overdue_days", "overdue_minor"])
        terms.releaseAloneMinor = try reader.integer("orders", "release_alone_minor", 0...Money.entryBound) ?? terms.releaseAloneMinor
        if let days = try reader.integer("orders", "overdue_days", 1...3650) {
            terms.overdueHold = OverdueHold(
                days: Int(days), minor: try reader.integer("orders", "overdue_minor", 1...Money.entryBound) ?? 1)
        }
        terms.writeOff = try reader.writeOff()
        try reader.allow("dunning", ["minimum_minor", "feed_age_days", "level"])
        try reader.allow("mail", ["from", "folder", "smtp", "user", "password", "tls"])
        try reader.allow("webhooks", ["allowed_hosts"])
        try reader.allow("schedule", ["day_at", "lease_seconds"])
        schedule.dayAtMinute = try reader.minute("schedule", "day_at") ?? schedule.dayAtMinute
        schedule.leaseSeconds = try reader.integer("schedule", "lease_seconds", 5...3_600) ?? schedule.leaseSeconds
        egressAllowed = Set(try reader.text("webhooks", "allowed_hosts")?.split(separator: " ").map(String.init) ?? [])
        database = try reader.text("", "database") ?? database
        entity = try reader.integer("", "entity", 1...Int64(1) << 52) ?? entity
        terms.toleranceMinor = try reader.integer("cash", "tolerance_minor", 0...1_000_000) ?? 0
        terms.policy = try reader.policy()
        terms.ladder.minimumMinor = try reader.integer("dunning", "minimum_minor", 0...Money.entryBound) ?? terms.ladder.minimumMinor
        terms.ladder.feedAgeDays = Int(try reader.integer("dunning", "feed_age_days", 0...365) ?? Int64(terms.ladder.feedAgeDays))
        if let levels = try reader.levels() { terms.ladder.levels = levels }
        mailFrom = try reader.text("mail", "from") ?? mailFrom
        if let folder = try reader.text("mail", "folder") { mailer = .folder(folder) }
        if let smtp = try reader.text("mail", "smtp") {
            guard smtp.hasPrefix("smtp://") || smtp.hasPrefix("smtps://") else {
                throw reader.fault("smtp", "write smtp://host:587 or smtps://host:465")
            }
            let password = try ProcessInfo.processInfo.environment["FLORIN_SMTP_PASSWORD"] ?? reader.text("mail", "password") ?? ""
            mailer = .smtp(
                url: smtp, user: try reader.text("mail", "user") ?? "", password: password, tls: try reader.flag("mail", "tls") ?? true)
        }
    }
}

/// When the day's work begins, and how long a silent server keeps it.
struct ScheduleTerms: Sendable {
    /// Minutes after midnight, UTC.
    var dayAtMinute: Int64 = 300
    var leaseSeconds = JobLease.seconds
}

/// Reads typed values out of a parsed file and names the line of what is wrong.
private struct ConfigurationReader {
    let text: String
    let file: String
    let table: TOMLTable

    /// - Parameter level: Which of the `[[dunning.level]]` the key stands in, from 0.
    func fault(_ key: String, _ message: String, level: Int? = nil) -> Failure {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let levels = lines.indices.filter { lines[$0].drop { $0 == " " }.hasPrefix("[[") }
        let start = level.flatMap { $0 < levels.count ? levels[$0] : nil } ?? 0
        let line = lines[start...].firstIndex { line in
            let words = line.drop { $0 == " " || $0 == "[" || $0 == "\"" }
            return words.hasPrefix(key) && !(words.dropFirst(key.count).first.map { $0.isLetter || $0 == "_" } ?? false)
        }
        return Failure("\(file), line \((line ?? 0) + 1): \(key): \(message)")
    }

    private func section(_ name: String) throws -> TOMLTable? {
        if name.isEmpty { return table }
        guard table.contains(key: name) else { return nil }
        guard let section = table[name]?.table else { throw fault(name, "is a section: write [\(name)]") }
        return section
    }

    func allow(_ name: String, _ keys: Set<String>) throws {
        guard let section = try section(name) else { return }
        if let stranger = section.keys.first(where: { !keys.contains($0) }) {
            throw fault(stranger, "is not a setting\(name.isEmpty ? "" : " of [\(name)]"); known: \(keys.sorted().joined(separator: ", "))")
        }
    }

    func text(_ name: String, _ key: String) throws -> String? {
        guard let section = try section(name), section.contains(key: key) else { return nil }
        guard let value = section[key]?.string else { throw fault(key, "write a text in quotes") }
        return value
    }

    func flag(_ name: String, _ key: String) throws -> Bool? {
        guard let section = try section(name), section.contains(key: key) else { return nil }
        guard let value = section[key]?.bool else { throw fault(key, "write true or false") }
        return value
    }

    func integer(_ name: String, _ key: String, _ bounds: ClosedRange<Int64>) throws -> Int64? {
        guard let section = try section(name), section.contains(key: key) else { return nil }
        return try integer(section, key, bounds)
    }

    private func integer(_ section: TOMLTable, _ key: String, _ bounds: ClosedRange<Int64>, level: Int? = nil) throws -> Int64 {
        guard let value = section[key]?.int.map(Int64.init), bounds.contains(value) else {
            throw fault(key, "write a whole number from \(bounds.lowerBound) to \(bounds.upperBound)", level: level)
        }
        return value
    }

    /// `"05:00"` in minutes after midnight.
    func minute(_ name: String, _ key: String) throws -> Int64? {
        guard let text = try text(name, key) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { $0.count == 2 ? Int64($0) ?? -1 : -1 }
        guard parts.count == 2, (0...23).contains(parts[0]), (0...59).contains(parts[1]) else {
            throw fault(key, "write a time of day such as \"05:00\"")
        }
        return parts[0] * 60 + parts[1]
    }

    /// The policy by name, with the rows that a person keeps for itself.
    func policy() throws -> MatchPolicy {
        let name = try text("cash", "policy") ?? "standard"
        guard var policy = [MatchPolicy.standard, .strict].first(where: { $0.name == name }) else {
            throw fault("policy", "write \"standard\" or \"strict\"")
        }
        guard let section = try section("cash"), section.contains(key: "propose") else { return policy }
        guard let rows = section["propose"]?.array else { throw fault("propose", "write a list such as [\"medium 6\"]") }
        for entry in rows {
            guard let name = entry.string, let at = policy.rows.firstIndex(where: { $0.name == name }) else {
                throw fault("propose", "no such row; rows are \(policy.rows.map(\.name).joined(separator: ", "))")
            }
            policy.rows[at].action = .propose
        }
        return policy
    }

    /// Who gives up how much alone, and when the tax of a bad debt is taken back.
    func writeOff() throws -> WriteOffPolicy {
        var policy = WriteOffPolicy()
        let roles = Role.allCases.filter { $0.rights.contains(.collect) }
        try allow("write_off", Set(roles.map { "\($0.rawValue)_minor" } + ["vat_relief_days"]))
        for role in roles {
            if let minor = try integer("write_off", "\(role.rawValue)_minor", 0...Money.entryBound) { policy.aloneMinor[role] = minor }
        }
        policy.vatReliefDays = try integer("write_off", "vat_relief_days", 0...3650).map { Int($0) }
        return policy
    }

    func levels() throws -> [DunningLadder.Level]? {
        guard let section = try section("dunning"), section.contains(key: "level") else { return nil }
        guard let list = section["level"]?.array, !list.isEmpty else { throw fault("level", "write one [[dunning.level]] for each level") }
        var levels: [DunningLadder.Level] = []
        for (at, entry) in list.enumerated() {
            guard let level = entry.table else { throw fault("level", "write one [[dunning.level]] for each level") }
            if let stranger = level.keys.first(where: { !["overdue_days", "days_since_notice", "title"].contains($0) }) {
                throw fault(stranger, "is not a setting of [[dunning.level]]; known: days_since_notice, overdue_days, title", level: at)
            }
            guard let title = level["title"]?.string else { throw fault("dunning.level", "each level has a title in quotes", level: at) }
            let overdue = try integer(level, "overdue_days", 1...3650, level: at)
            let waited = level.contains(key: "days_since_notice") ? try integer(level, "days_since_notice", 0...3650, level: at) : 0
            levels.append(DunningLadder.Level(overdueDays: Int(overdue), daysSinceNotice: Int(waited), title: title))
        }
        return levels
    }
}
