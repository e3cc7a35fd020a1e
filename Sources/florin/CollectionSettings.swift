import Domain
import Operations
import TOMLKit

/// `[write_off]` and `[[dunning.level]]`.
extension ConfigurationReader {
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
        let shape = fault("level", "write one [[dunning.level]] for each level", of: "dunning")
        guard let list = section["level"]?.array, !list.isEmpty else { throw shape }
        var levels: [DunningLadder.Level] = []
        for (at, entry) in list.enumerated() {
            let place = Entry(list: "dunning.level", at: at)
            guard let level = entry.table else { throw shape }
            if let stranger = level.keys.first(where: { !["overdue_days", "days_since_notice", "title"].contains($0) }) {
                throw fault(stranger, "is not a setting of [[dunning.level]]; known: days_since_notice, overdue_days, title", in: place)
            }
            guard let title = level["title"]?.string else {
                throw fault(level.contains(key: "title") ? "title" : "dunning.level", "each level has a title in quotes", in: place)
            }
            let overdue = try integer(level, "overdue_days", 1...3650, in: place)
            let waited = level.contains(key: "days_since_notice") ? try integer(level, "days_since_notice", 0...3650, in: place) : 0
            levels.append(DunningLadder.Level(overdueDays: Int(overdue), daysSinceNotice: Int(waited), title: title))
        }
        return levels
    }
}
