import Domain
import Store

/// Agrees terms with a new customer, or puts all that is agreed with one in place of what was, unless somebody changed it since it was
/// read.
package struct AgreeTerms: Sendable {
    package enum Refused: Refusal {
        case known(String)
        case unknown(String)
        /// Holds what stands now.
        case changed(CustomerProfile)

        package var category: RefusalCategory {
            switch self {
            case .unknown: .missing
            case .known, .changed: .conflict
            }
        }
        package var code: String {
            switch self {
            case .known: "customer_known"
            case .unknown: "customer_not_found"
            case .changed: "changed_meanwhile"
            }
        }
        package var message: String {
            switch self {
            case .known(let number): "customer \(number) is there already: write another number, or edit that customer"
            case .unknown(let number): "customer \(number) does not exist"
            case .changed(let standing): "somebody changed customer \(standing.number) since you read it: read it again"
            }
        }
    }

    package struct Report: Equatable, Sendable {
        /// nil of a new customer. Without accounts, mandates and the parent.
        package let before: CustomerProfile?
        /// Of the accounts that were given, those of several customers.
        package let shared: [SharedAccounts.Line]
    }

    private let entity: ID<Entity>
    private let profile: CustomerProfile
    private let read: CustomerProfile?
    private let role: Role

    /// - Parameters:
    ///   - profile: Its accounts and mandates are added to those that are known.
    ///   - read: What stood when the change was thought of, accounts and mandates aside; nil for a new customer.
    ///   - role: Of who agrees them.
    package init(_ entity: ID<Entity>, _ profile: CustomerProfile, from read: CustomerProfile?, by role: Role) {
        (self.entity, self.profile, self.read, self.role) = (entity, profile, read, role)
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        _ = try Books(lock: entity, at: now, in: tx)
        // Read.
        let standing = try customerProfiles(entity, [profile.number], in: tx)[profile.number]
        // Decide.
        switch (standing, read) {
        case (let standing?, nil): throw Refused.known(standing.number)
        case (nil, .some): throw Refused.unknown(profile.number)
        case (let standing?, let read?):
            guard isSame(standing, read) else { throw Refused.changed(standing) }
        case (nil, nil): break
        }
        // Write.
        let report = try SaveCustomers(entity, [profile], by: role).run(in: tx, at: now)
        if let refused = report.refused.first { throw refused }
        var before = standing
        before?.parentNumber = nil
        return Report(before: before, shared: try SharedAccounts(entity, profile.ibans).run(in: tx))
    }

    private func isSame(_ one: CustomerProfile, _ other: CustomerProfile) -> Bool {
        func terms(_ profile: CustomerProfile) -> CustomerProfile {
            var terms = profile
            (terms.ibans, terms.mandates, terms.parentNumber) = ([], [], nil)
            // A form gives texts back with their blanks joined.
            func joined(_ text: String?) -> String? { text?.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            (terms.name, terms.email, terms.vatNumber) = (joined(profile.name) ?? "", joined(profile.email), joined(profile.vatNumber))
            terms.address = profile.address.flatMap {
                PostalAddress(street: joined($0.street), postalCode: joined($0.postalCode), city: joined($0.city))
            }
            return terms
        }
        return terms(one) == terms(other)
    }
}
