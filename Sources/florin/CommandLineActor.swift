import Domain
import Foundation
import Operations
import Web

extension Actor {
    /// Who runs a command, as the operating system names them.
    static func commandLine(_ role: Role = .administrator) -> Actor {
        Actor(id: 0, name: "command line \(NSUserName())", role: role)
    }
}

extension OpenBooks {
    /// The row of the audit log that a command leaves.
    ///
    /// - Parameter fields: What it was told, in the order of its options.
    func audit(_ act: String, _ fields: [(name: String, value: String)], by actor: Actor = .commandLine()) -> Audit {
        let detail = fields.map { "\($0.name)=\(escapedValue($0.value))" }.joined(separator: " ")
        return Audit(entity, actor, act, detail: detail, outcome: "done")
    }
}
