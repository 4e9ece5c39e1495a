terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.46"
    }
  }
}

# Nothing here knows of Berth: AWS_ENDPOINT_URL and the keys come from `eval "$(./berth env)"`.
provider "aws" {
  region = var.region
}
