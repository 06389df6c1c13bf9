#!/usr/bin/env bash
# Checks the manifests in examples/cluster against the schemas of Kubernetes and of the
# MPI operator: every field has to be known, every value of its type, nothing missing. A
# manifest with one misspelt field must be refused.
# Needs go, and python3 with PyYAML (Debian: python3-yaml). kubeconform and the schemas
# come as Go modules. Usage: scripts/manifests_check.sh
set -euo pipefail
cd "$(dirname "$0")/.."
kubernetes=v1.34.1 operator=v0.6.0 kubeconform=v0.7.0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
GOBIN=$tmp go install "github.com/yannh/kubeconform/cmd/kubeconform@$kubeconform"
module() { (cd "$tmp" && go mod download -json "$1") | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p'; }
k8s=$(module "k8s.io/kubernetes@$kubernetes")
mpi=$(module "github.com/kubeflow/mpi-operator@$operator")

# The one is OpenAPI 2 with definitions, the other a CustomResourceDefinition.
for p in /usr/bin/python3 python3; do "$p" -c 'import yaml' 2> /dev/null && python=$p && break; done
"${python:?python3 with PyYAML is not here}" - "$k8s/api/openapi-spec/swagger.json" "$mpi/manifests/base/kubeflow.org_mpijobs.yaml" "$tmp" << 'END'
import json
import re
import sys

import yaml

swagger, crd, out = sys.argv[1:]


def strict(s):
    """Refuses fields that a schema does not name."""
    if isinstance(s, dict):
        if 'properties' in s and 'additionalProperties' not in s and not s.get('x-kubernetes-preserve-unknown-fields'):
            s['additionalProperties'] = False
        if s.pop('x-kubernetes-int-or-string', False) or s.get('format') == 'int-or-string':
            s.pop('type', None), s.pop('format', None)
            s['type'] = ['integer', 'string']
        for v in s.values():
            strict(v)
    elif isinstance(s, list):
        for v in s:
            strict(v)


definitions = json.load(open(swagger))['definitions']
definitions['io.k8s.apimachinery.pkg.api.resource.Quantity']['type'] = ['string', 'number']
job, wanted, found = 'io.k8s.api.batch.v1.Job', ['io.k8s.api.batch.v1.Job'], {}
while wanted:
    name = wanted.pop()
    if name not in found:
        found[name] = definitions[name]
        wanted += re.findall('"#/definitions/([^"]*)"', json.dumps(found[name]))
strict(found)
json.dump({'allOf': [{'$ref': '#/definitions/' + job}], 'definitions': found}, open(out + '/job.json', 'w'))
for v in yaml.safe_load(open(crd))['spec']['versions']:
    if v['name'] == 'v2beta1':
        schema = v['schema']['openAPIV3Schema']
        schema['properties']['metadata'] = {'type': 'object'}
        strict(schema)
        json.dump(schema, open(out + '/mpijob.json', 'w'))
END

check() { "$tmp/kubeconform" -strict -verbose -schema-location "$tmp/{{ .ResourceKind }}.json" "$@"; }
for f in examples/cluster/*.yaml; do
  check "$f"
  # Each field but those of the maps that take any name.
  grep -oE '^ *-? ?[a-zA-Z]+:' "$f" | tr -d ' :-' | sort -u | grep -vxE 'apiVersion|kind|name|cpu|memory|Launcher|Worker' | while read -r field; do
    sed -E "s/^( *-? ?)$field:/\1${field}x:/" "$f" > "$tmp/bad.yaml"
    if check "$tmp/bad.yaml" > "$tmp/log" 2>&1; then
      echo "$f: ${field}x passes for $field"
      exit 1
    fi
  done
  echo "$f: no field can be misspelt unseen"
done
