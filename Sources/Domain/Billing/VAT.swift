/// How a supply is taxed: category and rate together (EN 16931-1 BT-151, BT-152).
package struct VATTreatment: Hashable, Sendable {
    /// UNCL 5305, as EN 16931-1 restricts it.
    package enum Category: String, CaseIterable, Sendable { case standard = "S", reverseCharge = "AE", export = "G" }

    package let category: Category
    /// Hundredths of a per cent.
    package let basisPoints: Int64
    package init(_ category: Category, basisPoints: Int64) { (self.category, self.basisPoints) = (category, basisPoints) }
}

extension VATTreatment {
    /// What an invoice must say of a supply that bears no tax; nil for one that bears it.
    ///
    /// - Parameters:
    ///   - seller: ISO 3166-1 alpha-2.
    ///   - on: The tax point.
    /// - Source: Directive 2006/112/EC, article 226 (11) and (11a); EN 16931-1 BT-120. Outside the Union its articles are nobody's law.
    package func reason(seller: String, on day: Day) -> String? {
        switch category {
        case .standard: nil
        case .reverseCharge: "Reverse charge: the customer accounts for the VAT (Directive 2006/112/EC, articles 138 and 196)"
        case .export where isInUnion(seller, day): "Export outside the Union, free of VAT (Directive 2006/112/EC, article 146)"
        case .export: "Export, free of VAT"
        }
    }
}

/// The treatment of goods sold between businesses.
///
/// - Parameters:
///   - seller, buyer: ISO 3166-1 alpha-2. An unknown buyer's country (`ZZ`) is taxed as the seller's own.
///   - vatNumber: The buyer's (EN 16931-1 BT-48), with the two letters of its state; nil when none is known.
///   - on: The tax point; it decides who belonged to the Union, the rate, and what the reverse charge asks for.
/// - Returns: nil when the seller's standard rate is not known.
/// - Source: Directive 2006/112/EC, articles 32, 97, 138, 146; Directive (EU) 2018/1910: from 2020 on a supply within the Union bears
///   no tax only against a VAT number of another member state; before, the buyer is taken for a business.
package func vatTreatment(seller: String, buyer: String, vatNumber: String?, on day: Day) -> VATTreatment? {
    guard let rate = standardRates[seller]?.basisPoints(on: day) else { return nil }
    let own = VATTreatment(.standard, basisPoints: rate)
    if buyer == seller || buyer == "ZZ" || (seller == "GB" && buyer == "IM") { return own }
    let state = vatNumber.flatMap(stateOfVATNumber)
    let isWithin = isInUnion(seller, day) && (isInUnion(buyer, day) || (buyer == "GB" && state == "XI"))
    guard isWithin else { return VATTreatment(.export, basisPoints: 0) }
    guard day >= numbersAskedFor else { return VATTreatment(.reverseCharge, basisPoints: 0) }
    let isIdentified = state.map { $0 != seller && ($0 == "XI" || isInUnion($0, day)) } ?? false
    return isIdentified ? VATTreatment(.reverseCharge, basisPoints: 0) : own
}

/// The country of a VAT number, as ISO 3166-1 has it; `XI` for Northern Ireland. nil when two letters do not begin it.
private func stateOfVATNumber(_ number: String) -> String? {
    let letters = number.prefix(2).uppercased()
    guard letters.utf8.count == 2, letters.utf8.allSatisfy({ (65...90).contains($0) }) else { return nil }
    return letters == "EL" ? "GR" : letters
}

private func isInUnion(_ country: String, _ day: Day) -> Bool {
    switch country {
    case "GB": day < britainLeft
    case "HR": day >= croatiaJoined
    case "EU": true
    default: unionMembers.contains(country)
    }
}

private let numbersAskedFor = Day("2020-01-01")!, britainLeft = Day("2021-01-01")!, croatiaJoined = Day("2013-07-01")!

private let unionMembers: Set<String> = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT",
    "RO", "SE", "SI", "SK",
]

/// A standard rate and the days it changed on.
private struct StandardRate {
    let first: Int64
    let changes: [(from: Day, basisPoints: Int64)]
    init(_ first: Int64, _ changes: (from: String, basisPoints: Int64)...) {
        self.first = first
        self.changes = changes.map { (Day($0.from)!, $0.basisPoints) }
    }
    func basisPoints(on day: Day) -> Int64 { changes.last { $0.from <= day }?.basisPoints ?? first }
}

/// The first rate of a country holds for every day before its first change, too; changes before 2015 are not listed.
///
/// - Source: European Commission, Taxes in Europe database, VAT rates in force; Switzerland: Federal Tax Administration. The United
///   Kingdom's 17.5 % of 2010 (VAT Act 1994, section 2) is left out: its orders of that year are to be taxed at 20 %.
private let standardRates: [String: StandardRate] = [
    "AT": StandardRate(2000), "BE": StandardRate(2100), "BG": StandardRate(2000),
    "CH": StandardRate(800, ("2018-01-01", 770), ("2024-01-01", 810)),
    "CY": StandardRate(1900), "CZ": StandardRate(2100),
    "DE": StandardRate(1900, ("2020-07-01", 1600), ("2021-01-01", 1900)), "DK": StandardRate(2500),
    "EE": StandardRate(2000, ("2024-01-01", 2200), ("2025-07-01", 2400)), "ES": StandardRate(2100),
    "FI": StandardRate(2400, ("2024-09-01", 2550)), "FR": StandardRate(2000), "GB": StandardRate(2000),
    "GR": StandardRate(2300, ("2016-06-01", 2400)),
    "HR": StandardRate(2500), "HU": StandardRate(2700),
    "IE": StandardRate(2300, ("2020-09-01", 2100), ("2021-03-01", 2300)), "IT": StandardRate(2200), "LT": StandardRate(2100),
    "LU": StandardRate(1500, ("2015-01-01", 1700), ("2023-01-01", 1600), ("2024-01-01", 1700)), "LV": StandardRate(2100),
    "MT": StandardRate(1800), "NL": StandardRate(2100), "NO": StandardRate(2500), "PL": StandardRate(2300), "PT": StandardRate(2300),
    "RO": StandardRate(2400, ("2016-01-01", 2000), ("2017-01-01", 1900), ("2025-08-01", 2100)), "SE": StandardRate(2500),
    "SI": StandardRate(2200),
    "SK": StandardRate(2000, ("2025-01-01", 2300)),
]
