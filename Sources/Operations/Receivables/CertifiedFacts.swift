import Domain
import Store

/// The facts beside items, allocations and identities on which a batch of certificates rests.
struct CertifiedFacts {
    private let policies: PolicyFacts
    private let links: LinkFacts
    private let advices: AdviceFacts
    private let habits: HabitFacts
    private let differences: DifferenceFacts

    init(_ entity: ID<Entity>, of certificates: [CertificateReader], _ policies: PolicyFacts, in tx: any Transaction) throws {
        self.policies = policies
        links = try LinkFacts(entity, of: certificates, in: tx)
        advices = try AdviceFacts(entity, of: certificates, in: tx)
        habits = try HabitFacts(entity, of: certificates, in: tx)
        differences = try DifferenceFacts(entity, of: certificates, in: tx)
    }

    /// What a certificate says against them.
    ///
    /// - Parameters:
    ///   - ids: From the application's up to the next one's.
    ///   - numbers: An item's own number and those of its orders.
    func faults(
        of certificate: CertificateReader, _ receipt: Int64, _ ids: Range<Int64>, numbers: (Int64) -> [String]
    ) -> [String] {
        let application = ids.lowerBound
        return policies.faults(of: certificate, at: application)
            + certificate.misstatements(under: policies.policy(of: certificate, at: application))
            + differences.faults(of: certificate, after: application, before: ids.upperBound)
            + advices.faults(of: certificate, receipt: receipt, before: application, numbers: numbers)
            + links.faults(of: certificate, receipt: receipt, before: application)
            + habits.faults(of: certificate, before: application)
    }
}
