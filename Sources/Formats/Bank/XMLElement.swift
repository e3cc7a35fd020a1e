import CLibXML2

/// An element of the subtree that an `XMLWalker` stands on; not to be used after the walker's next step.
///
/// Names are local names: a prefix does not matter.
struct XMLElement {
    private let node: UnsafeMutablePointer<xmlNode>

    init(_ node: UnsafeMutablePointer<xmlNode>) { self.node = node }

    var line: Int { xmlGetLineNo(node) }
    var name: String { String(cString: node.pointee.name) }
    var namespace: String? { node.pointee.ns.flatMap { $0.pointee.href }.map { String(cString: $0) } }

    func isNamed(_ name: StaticString) -> Bool { xmlStrEqual(node.pointee.name, name.utf8Start) == 1 }

    struct Identity: Hashable {
        fileprivate let node: UnsafeMutablePointer<xmlNode>
    }
    var identity: Identity { Identity(node: node) }

    /// The element itself and all within it, in the order of their start tags.
    func forEachElement(_ body: (XMLElement) -> Void) {
        body(self)
        var next = node.pointee.children
        while let child = next {
            if child.pointee.type == XML_ELEMENT_NODE { XMLElement(child).forEachElement(body) }
            next = child.pointee.next
        }
    }

    func children(_ name: StaticString) -> [XMLElement] {
        var found: [XMLElement] = [], next = node.pointee.children
        while let child = next {
            if child.pointee.type == XML_ELEMENT_NODE, XMLElement(child).isNamed(name) { found.append(XMLElement(child)) }
            next = child.pointee.next
        }
        return found
    }

    func child(_ name: StaticString) -> XMLElement? {
        var next = node.pointee.children
        while let child = next {
            if child.pointee.type == XML_ELEMENT_NODE, XMLElement(child).isNamed(name) { return XMLElement(child) }
            next = child.pointee.next
        }
        return nil
    }

    /// Descends to the first child of each name in turn.
    func at(_ path: StaticString...) -> XMLElement? { descend(path) }

    /// The text at a path; nil when there is none or it is blank.
    func text(_ path: StaticString...) -> String? {
        guard let text = descend(path)?.content, !text.isEmpty else { return nil }
        return text
    }

    private func descend(_ path: [StaticString]) -> XMLElement? {
        var element = self
        for name in path {
            guard let child = element.child(name) else { return nil }
            element = child
        }
        return element
    }

    /// Its text without blanks at either end.
    var content: String {
        guard let first = node.pointee.children else { return "" }
        if first.pointee.type == XML_TEXT_NODE, first.pointee.next == nil {
            return first.pointee.content.map { String(cString: $0).trimmed } ?? ""
        }
        guard let content = xmlNodeGetContent(node) else { return "" }
        defer { florin_xml_free(content) }
        return String(cString: content).trimmed
    }

    func attribute(_ name: StaticString) -> String? {
        var next = node.pointee.properties
        while let attribute = next {
            if xmlStrEqual(attribute.pointee.name, name.utf8Start) == 1 {
                return attribute.pointee.children.flatMap { $0.pointee.content }.map { String(cString: $0).trimmed }
            }
            next = attribute.pointee.next
        }
        return nil
    }
}
