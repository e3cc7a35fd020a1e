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
        try reader.allow(
            "", ["database", "entity", "seller", "bank", "cash", "orders", "dunning", "mail", "webhooks", "schedule", "write_off"])
        try reader.allow(
            "cash", ["tolerance_minor", "policy", "propose", "minimum_score", "minimum_margin", "tolerances", "weights", "rule"])
        try reader.allow("bank", ["csv"])
        statementTables = try reader.statementTables()
        try reader.allow("orders", ["release_alone_minor", "overdue_days", "overdue_minor"])
        terms.releaseAloneMinor = try reader.integer("orders", "release_alone_minor", 0...Money.entryBound) ?? terms.releaseAloneMinor
        if let days = try reader.integer("orders", "overdue_days", 1...3650) {
            terms.overdueHold = OverdueHold(
                days: Int(days), minor: try reader.integer("orders", "overdue_minor", 1...Money.entryBound) ?? 1)
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
        entity = try reader.integer("", "entity", 1...Int64(1) << 52) ?? entity
        seller = try reader.seller()
        terms.toleranceMinor = try reader.integer("cash", "tolerance_minor", 0...1_000_000) ?? 0
        terms.policy = try reader.policy()
        terms.ladder.minimumMinor = try reader.integer("dunning", "minimum_minor", 0...Money.entryBound) ?? terms.ladder.minimumMinor
        terms.ladder.feedAgeDays = Int(try reader.integer("dunning", "feed_age_days", 0...365) ?? Int64(terms.ladder.feedAgeDays))
        terms.ladder.requiresFeed = try reader.flag("dunning", "feed_required") ?? terms.ladder.requiresFeed
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

    /// One of the tables of a list, such as the third `[[dunning.level]]`, from 0.
    struct Entry {
        let list: String
        let at: Int
    }

    /// - Parameter entry: The table in which the key stands.
    func fault(_ key: String, _ message: String, in entry: Entry? = nil) -> Failure {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let entries = entry.map { entry in lines.indices.filter { lines[$0].filter { $0 != " " }.hasPrefix("[[\(entry.list)]]") } } ?? []
        let start = entry.flatMap { $0.at < entries.count ? entries[$0.at] : nil } ?? 0
        let line = lines[start...].firstIndex { line in
            let words = line.drop { $0 == " " || $0 == "[" || $0 == "\"" }
            return words.hasPrefix(key) && !(words.dropFirst(key.count).first.map { $0.isLetter || $0 == "_" } ?? false)
        }
        return Failure("\(file), line \((line ?? 0) + 1): \(key): \(message)")
    }

    private func section(_ name: String) throws -> TOMLTable? {
        if name.isEmpty { return table }
        var section = table
        for part in name.split(separator: ".").map(String.init) {
            guard section.contains(key: part) else { return nil }
            guard let next = section[part]?.table else { throw fault(part, "is a section: write [\(name)]") }
            section = next
        }
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

    private func integer(_ section: TOMLTable, _ key: String, _ bounds: ClosedRange<Int64>, in entry: Entry? = nil) throws -> Int64 {
        guard let value = section[key]?.int.map(Int64.init), bounds.contains(value) else {
            throw fault(key, "write a whole number from \(bounds.lowerBound) to \(bounds.upperBound)", in: entry)
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
        if let rows = try cashRules() { policy.rows = rows }
        policy.roundingMinor = try integer("cash.tolerances", "rounding_minor", 0...99) ?? policy.roundingMinor
        policy.tolerances = try tolerances()
        policy.minimumScore = Int(try integer("cash", "minimum_score", 0...1_000) ?? Int64(policy.minimumScore))
        policy.minimumMargin = Int(try integer("cash", "minimum_margin", 0...1_000) ?? Int64(policy.minimumMargin))
        try allow("cash.weights", Set(MatchPolicy.Weights.fields.map(\.name)))
        for (name, path) in MatchPolicy.Weights.fields {
            if let points = try integer("cash.weights", name, 0...1_000) { policy.weights[keyPath: path] = Int(points) }
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

    /// What may be missing of documents that are named, beside the bank charge's amount.
    private func tolerances() throws -> Tolerances {
        let name = "cash.tolerances", shares = 1...Tolerances.largestShare
        var tolerances = Tolerances()
        try allow(name, ["rounding_minor", "bank_charge_bp", "short_minor", "short_bp", "withholding_bp", "withholding_of"])
        tolerances.bankChargeShare = try integer(name, "bank_charge_bp", shares) ?? tolerances.bankChargeShare
        tolerances.shortMinor = try integer(name, "short_minor", 0...1_000_000) ?? tolerances.shortMinor
        tolerances.shortShare = try integer(name, "short_bp", shares) ?? tolerances.shortShare
        if let base = try text(name, "withholding_of") {
            guard let base = Tolerances.Withholding.Base(rawValue: base) else {
                throw fault("withholding_of", "write \"gross\" or \"net\"")
            }
            tolerances.withholding.base = base
        }
        guard let section = try section(name), section.contains(key: "withholding_bp") else { return tolerances }
        let rates = section["withholding_bp"]?.array?.map { $0.int.map { Int64($0) } ?? 0 } ?? [0]
        guard rates.count <= 16, Set(rates).count == rates.count, rates.allSatisfy({ (1...5_000).contains($0) }) else {
            throw fault("withholding_bp", "write a list of rates in basis points, each once, such as [500, 1000, 1500]")
        }
        tolerances.withholding.rates = rates
        return tolerances
    }

    /// The ranked rules where they are written out; their order is their rank.
    private func cashRules() throws -> [MatchPolicy.Row]? {
        guard let section = try section("cash"), section.contains(key: "rule") else { return nil }
        guard let list = section["rule"]?.array, !list.isEmpty else { throw fault("rule", "write one [[cash.rule]] for each rule") }
        var rows: [MatchPolicy.Row] = []
        for (at, entry) in list.enumerated() {
            let place = Entry(list: "cash.rule", at: at)
            guard let rule = entry.table else { throw fault("rule", "write one [[cash.rule]] for each rule") }
            let known = ["action", "amount", "confidence", "documents", "payer"]
            if let stranger = rule.keys.first(where: { !known.contains($0) }) {
                throw fault(stranger, "is not a setting of [[cash.rule]]; known: \(known.joined(separator: ", "))", in: place)
            }
            func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) throws -> Choice {
                guard let choice = rule[key]?.string.flatMap({ Choice(rawValue: $0) }) else {
                    let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                    throw fault(rule.contains(key: key) ? key : "cash.rule", "\(key) is one of \(words)", in: place)
                }
                return choice
            }
            let confidence: MatchPolicy.Confidence = try choice("confidence")
            let row = MatchPolicy.Row(
                confidence: confidence, priority: rows.count { $0.confidence == confidence } + 1, party: try choice("payer"),
                documents: try choice("documents"), amount: rule.contains(key: "amount") ? try choice("amount") : nil,
                action: try choice("action"))
            if let before = rows.firstIndex(where: { $0.hides(row) }) {
                throw fault("cash.rule", "never decides: rule \(before + 1), \(rows[before].name), fits before it", in: place)
            }
            rows.append(row)
        }
        return rows
    }

    /// The mappings of banks' CSV files.
    func statementTables() throws -> [StatementTable] {
        guard let section = try section("bank"), section.contains(key: "csv") else { return [] }
        guard let list = section["csv"]?.array, !list.isEmpty else { throw fault("csv", "write one [[bank.csv]] for each bank") }
        return try list.enumerated().map { at, entry in
            guard let bank = entry.table else { throw fault("csv", "write one [[bank.csv]] for each bank") }
            return try statementTable(bank, Entry(list: "bank.csv", at: at))
        }
    }

    private func statementTable(_ bank: TOMLTable, _ place: Entry) throws -> StatementTable {
        let known = ["account", "columns", "currency", "dates", "decimal", "pending"]
        if let stranger = bank.keys.first(where: { !known.contains($0) }) {
            throw fault(stranger, "is not a setting of [[bank.csv]]; known: \(known.joined(separator: ", "))", in: place)
        }
        func text(_ key: String) throws -> String? {
            guard bank.contains(key: key) else { return nil }
            guard let value = bank[key]?.string, !value.isEmpty else { throw fault(key, "write a text in quotes", in: place) }
            return value
        }
        var table = StatementTable(account: try text("account")?.filter { $0 != " " }, pending: try text("pending"), columns: [:])
        if let mark = try text("decimal") {
            guard mark == "," || mark == "." else { throw fault("decimal", "write \",\" or \".\"", in: place) }
            table.decimal = Character(mark)
        }
        if let dates = try text("dates") {
            guard let shape = RemittanceTable.DateShape(rawValue: dates) else {
                let shapes = RemittanceTable.DateShape.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                throw fault("dates", "write one of \(shapes)", in: place)
            }
            table.dates = shape
        }
        if let code = try text("currency") {
            guard let currency = Currency(code) else { throw fault("currency", "\(code) is not in ISO 4217", in: place) }
            table.currency = currency
        }
        for (key, value) in bank["columns"]?.table ?? TOMLTable() {
            guard let field = StatementTable.Field(rawValue: key) else {
                let fields = StatementTable.Field.allCases.map(\.rawValue).sorted().joined(separator: ", ")
                throw fault(key, "is not a field of a statement; known: \(fields)", in: place)
            }
            let names = value.string.map { [$0] } ?? value.array?.compactMap(\.string) ?? []
            guard !names.isEmpty, names.count == value.array?.count ?? 1, field == .text || names.count == 1 else {
                throw fault(key, "write a column's name in quotes\(field == .text ? ", or a list of names" : "")", in: place)
            }
            table.columns[field] = names
        }
        if let fault = table.fault { throw self.fault("bank.csv", fault, in: place) }
        return table
    }

    /// The seller's own data; nil without a `[seller]`.
    func seller() throws -> Party? {
        guard try section("seller") != nil else { return nil }
        try allow("seller", ["street", "postal_code", "city", "vat_number", "registration", "iban", "bic"])
        func word(_ key: String, _ fault: (String) -> String?) throws -> String? {
            guard let text = try line(key)?.filter({ $0 != " " }) else { return nil }
            if let wrong = fault(text) { throw self.fault(key, wrong) }
            return text
        }
        func line(_ key: String) throws -> String? {
            guard let text = try text("seller", key) else { return nil }
            guard (1...PostalAddress.partLimit).contains(text.count), !text.contains(where: \.isNewline),
                text.contains(where: { !$0.isWhitespace })
            else { throw fault(key, "write one line of 1 to \(PostalAddress.partLimit) characters") }
            return text
        }
        let vatNumber = try word("vat_number") { text in
            let isNumber = (4...20).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            return isNumber ? nil : "\(text) is no VAT number: write it with the letters of its state, such as GB123456789"
        }
        let iban = try word("iban", PaymentAccount.fault(iban:)), bic = try word("bic", PaymentAccount.fault(bic:))
        if bic != nil, iban == nil { throw fault("bic", "names the bank of an account: write iban too") }
        return Party(
            name: "", country: "", vatNumber: vatNumber,
            address: PostalAddress(street: try line("street"), postalCode: try line("postal_code"), city: try line("city")),
            registration: try line("registration"), account: iban.map { PaymentAccount(iban: $0, bic: bic) })
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
            let place = Entry(list: "dunning.level", at: at)
            guard let level = entry.table else { throw fault("level", "write one [[dunning.level]] for each level") }
            if let stranger = level.keys.first(where: { !["overdue_days", "days_since_notice", "title"].contains($0) }) {
                throw fault(stranger, "is not a setting of [[dunning.level]]; known: days_since_notice, overdue_days, title", in: place)
            }
            guard let title = level["title"]?.string else { throw fault("dunning.level", "each level has a title in quotes", in: place) }
            let overdue = try integer(level, "overdue_days", 1...3650, in: place)
            let waited = level.contains(key: "days_since_notice") ? try integer(level, "days_since_notice", 0...3650, in: place) : 0
            levels.append(DunningLadder.Level(overdueDays: Int(overdue), daysSinceNotice: Int(waited), title: title))
        }
        return levels
    }
}
