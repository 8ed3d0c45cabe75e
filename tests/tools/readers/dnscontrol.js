// Stand-ins for the functions of DNSControl that a generated dnsconfig.js calls. Each takes its
// arguments as strictly as the documentation has them; `outcome` tells what they made.

var outcome = (function (global) {
    var domains = [];
    var registrars = {};
    var providers = {};

    function fail(message) {
        throw new Error(message);
    }

    function text(value) {
        return typeof value === 'string' && value !== '';
    }

    function number(bits) {
        return function (value) {
            return typeof value === 'number' && value % 1 === 0 && value >= 0 && value < Math.pow(2, bits);
        };
    }

    function pattern(expression) {
        return function (value) {
            return typeof value === 'string' && expression.test(value);
        };
    }

    function strings(value) {
        return text(value) || (Array.isArray(value) && value.length > 0 && value.every(text));
    }

    var kinds = {
        A: [pattern(/^\d+(\.\d+){3}$/)],
        AAAA: [pattern(/^[0-9a-f:.]+$/i)],
        CNAME: [text],
        MX: [number(16), text],
        SRV: [number(16), number(16), number(16), text],
        TLSA: [number(8), number(8), number(8), pattern(/^([0-9a-f]{2})+$/i)],
        TXT: [strings]
    };

    Object.keys(kinds).forEach(function (type) {
        global[type] = function () {
            var given = Array.prototype.slice.call(arguments);
            var record = { kind: 'record', type: type, ttl: null };
            var shown = type + '(' + JSON.stringify(given).slice(1, -1) + ')';
            if (given.length === kinds[type].length + 2 && given[given.length - 1].kind === 'TTL') {
                record.ttl = given.pop().seconds;
            }
            record.name = given.shift();
            record.fields = given;
            if (!text(record.name) || given.length !== kinds[type].length) {
                fail(shown + ': the number of arguments');
            }
            kinds[type].forEach(function (fits, at) {
                if (!fits(given[at])) {
                    fail(shown + ': argument ' + (at + 2));
                }
            });
            return record;
        };
    });

    function seconds(kind) {
        return function (value) {
            if (arguments.length !== 1 || !number(31)(value)) {
                fail(kind + '(' + value + ')');
            }
            return { kind: kind, seconds: value };
        };
    }

    function fresh(kind, known) {
        return function (name) {
            if (arguments.length !== 1 || !text(name)) {
                fail(kind + ' takes a name');
            }
            known[name] = true;
            return name;
        };
    }

    global.TTL = seconds('TTL');
    global.DefaultTTL = seconds('DefaultTTL');
    global.NewRegistrar = fresh('NewRegistrar', registrars);
    global.NewDnsProvider = fresh('NewDnsProvider', providers);
    global.DnsProvider = function (name) {
        if (arguments.length !== 1 || !providers[name]) {
            fail('DnsProvider(' + name + ')');
        }
        return { kind: 'DnsProvider' };
    };

    // A modifier that takes no arguments: what the file does not say stays in the zone.
    global.NO_PURGE = { kind: 'NO_PURGE' };

    global.D = function (name, registrar) {
        var domain = { name: name, ttl: 300, records: [] };
        if (!text(name) || !registrars[registrar]) {
            fail('D takes a name and a registrar');
        }
        Array.prototype.slice.call(arguments, 2).forEach(function (modifier) {
            if (modifier.kind === 'DefaultTTL') {
                domain.ttl = modifier.seconds;
            } else if (modifier.kind === 'record') {
                domain.records.push(modifier);
            } else if (modifier.kind !== 'DnsProvider' && modifier.kind !== 'NO_PURGE') {
                fail('D takes no ' + JSON.stringify(modifier));
            }
        });
        domains.push(domain);
    };

    return function () {
        return JSON.stringify(domains);
    };
})(this);
