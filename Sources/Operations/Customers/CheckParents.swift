import Domain
import Store

/// Which customers cannot have the parent that they name: none is its own, and each is there or comes along.
package struct CheckParents: Sendable {
    private let entity: ID<Entity>
    private let named: [String: String]
    private let coming, parentless: Set<String>

    /// - Parameters:
    ///   - named: The number of the parent by the number of the customer.
    ///   - coming: Numbers of those that are saved along.
    ///   - parentless: Numbers of those whose parent is taken away along.
    package init(_ entity: ID<Entity>, _ named: [String: String], coming: Set<String>, parentless: Set<String> = []) {
        (self.entity, self.named, self.coming, self.parentless) = (entity, named, coming, parentless)
    }

    /// - Returns: What is wrong, by the number of the customer.
    package func run(in tx: any Transaction) throws -> [String: String] {
        guard !named.isEmpty else { return [:] }
        // Two that are saved at once may name each other.
        try Books.lock(entity, in: tx)
        let standing = try standing(in: tx), numbers = named.keys.sorted()
        let children = Dictionary(grouping: numbers) { named[$0] ?? "" }
        var faults: [String: String] = [:], sound: Set<String> = []
        // One that is refused may have been the parent of others that come along.
        func refuse(_ number: String, _ fault: String) {
            faults[number] = fault
            var refused = [number]
            while let parent = refused.popLast() {
                guard !standing.keys.contains(parent) else { continue }
                for child in children[parent, default: []] where faults[child] == nil {
                    faults[child] = Self.missing(parent)
                    refused.append(child)
                }
            }
        }
        for number in numbers where faults[number] == nil {
            guard let parent = named[number], !standing.keys.contains(parent), !coming.contains(parent) else { continue }
            refuse(number, Self.missing(parent))
        }
        for number in numbers {
            while faults[number] == nil, let own = aboveItself(from: number, standing, faults, &sound) {
                refuse(own, "with \(named[own] ?? "") as its parent, customer \(own) would be above itself")
            }
        }
        return faults
    }

    private static func missing(_ parent: String) -> String { "customer \(parent) does not exist: save it before, or along" }

    /// - Parameter sound: Those above which the way ends; what is found to be such is added.
    /// - Returns: The first number, of those that name a parent, that would come again on the way up.
    private func aboveItself(
        from number: String, _ standing: [String: String?], _ faults: [String: String], _ sound: inout Set<String>
    ) -> String? {
        var way: [String] = [], places: [String: Int] = [:], at: String? = number
        while let here = at, places[here] == nil, !sound.contains(here) {
            places[here] = way.count
            way.append(here)
            let wanted = faults[here] == nil ? named[here] : nil
            at = wanted ?? (parentless.contains(here) ? nil : standing[here].flatMap { $0 })
        }
        if let again = at, let place = places[again],
            let own = way[place...].filter({ faults[$0] == nil && named[$0] != nil }).min()
        {
            return own
        }
        sound.formUnion(way)
        return nil
    }

    /// The parent of each that is there among those that are named, and of those above them.
    private func standing(in tx: any Transaction) throws -> [String: String?] {
        var standing: [String: String?] = [:], level = Set(named.values)
        while !level.isEmpty {
            var above: Set<String> = []
            try tx.forEach(
                """
                SELECT c.number, q.number FROM customer c
                  LEFT JOIN customer q ON q.entity_id = c.entity_id AND q.id = c.parent_id
                 WHERE c.entity_id = \(entity) AND c.number IN \(texts: level)
                """
            ) { row in
                let parent = row.optionalText(1)
                standing.updateValue(parent, forKey: row.text(0))
                if let parent { above.insert(parent) }
            }
            level = above.filter { !standing.keys.contains($0) }
        }
        return standing
    }
}
