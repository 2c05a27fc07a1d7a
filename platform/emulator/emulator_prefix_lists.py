"""Rules of security groups about lists of addresses, which ministack takes and forgets (EC2: "IpPermission", "SecurityGroupRule")."""


def extend(ec2):
    parse, rule_xml = ec2._parse_ip_permissions, ec2._sg_rule_xml

    def with_lists(params, prefix):
        rules = parse(params, prefix)
        for number, rule in enumerate(rules, start=1):
            place = f"{prefix}.{number}.PrefixListIds.1"
            list_id = ec2._p(params, f"{place}.PrefixListId")
            if list_id:
                description = ec2._p(params, f"{place}.Description")
                rule["PrefixListIds"] = [{"PrefixListId": list_id, **({"Description": description} if description else {})}]
        return rules

    def tell_lists(group_id, rule, is_egress=False):
        xml = rule_xml(group_id, rule, is_egress)
        lists = [entry["PrefixListId"] for entry in rule.get("PrefixListIds", []) if isinstance(entry, dict)]
        return xml.replace("</toPort>", f"</toPort><prefixListId>{lists[0]}</prefixListId>", 1) if lists else xml

    ec2._parse_ip_permissions, ec2._sg_rule_xml = with_lists, tell_lists
